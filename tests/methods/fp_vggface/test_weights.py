"""Files of VGGFace weights, in small: the tests write them in the published layouts."""

from __future__ import annotations

import hashlib

import h5py
import numpy as np
import pytest
import torch
from torch.nn import functional

from facialis.errors import InputError
from facialis.methods.fp_vggface.network import Blocks, FpVggFace
from facialis.networks.vggface_weights import load_vggface, read_vggface

NARROW = ((4, 4), (4, 4), (4, 4, 4), (8, 8, 8), (8, 8, 8))


def network():
    return FpVggFace(blocks=NARROW, hidden=16, size=64)


def keras_file(path, random):
    """Write layers as Keras does, and return the arrays by layer."""
    layers, width = {}, 3
    for block, channels in enumerate(NARROW, start=1):
        for number, wide in enumerate(channels, start=1):
            layers[f"conv{block}_{number}"] = (3, 3, width, wide)
            width = wide
    layers |= {"fc6": (2 * 2 * 8, 16), "fc7": (16, 16), "fc8": (16, 2622)}
    written = {}
    with h5py.File(path, "w") as file:
        file.create_group("pool1").attrs["weight_names"] = []
        for name, shape in layers.items():
            group = file.create_group(name)
            kernel = random.normal(size=shape).astype(np.float32)
            bias = random.normal(size=shape[-1]).astype(np.float32)
            names = [f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()]
            group.attrs["weight_names"] = names
            for each, value in zip(names, (kernel, bias), strict=True):
                group[each.decode()] = value
            written[name] = (kernel, bias)
    return written


def test_a_keras_file_fills_all_but_the_last_layer(tmp_path):
    path = tmp_path / "rcmalli_vggface_tf_vgg16.h5"
    keras_file(path, np.random.default_rng(0))
    net = network()
    last = net.fc8.weight.clone()
    start = load_vggface(net.pretrained, path)
    assert start.name == path.name
    assert start.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert torch.equal(net.fc8.weight, last)


def test_a_keras_convolution_computes_what_keras_would_on_blue_green_red(tmp_path):
    path = tmp_path / "w.h5"
    random = np.random.default_rng(1)
    kernel, bias = keras_file(path, random)["conv1_1"]
    net = network()
    load_vggface(net.pretrained, path)
    rgb = random.normal(size=(5, 5, 3)).astype(np.float32)
    bgr = rgb[..., ::-1]
    expected = np.einsum("ijc,ijco->o", bgr[1:4, 1:4], kernel) + bias
    found = net.base.conv1_1(torch.from_numpy(rgb.transpose(2, 0, 1))[None])[0, :, 2, 2]
    assert np.allclose(found.detach().numpy(), expected, atol=1e-4)


def test_keras_fc6_reads_a_map_flattened_with_channels_last(tmp_path):
    path = tmp_path / "w.h5"
    random = np.random.default_rng(2)
    kernel, bias = keras_file(path, random)["fc6"]
    net = network()
    load_vggface(net.pretrained, path)
    chart = random.normal(size=(2, 2, 8)).astype(np.float32)
    expected = chart.reshape(-1) @ kernel + bias
    flat = torch.from_numpy(chart.transpose(2, 0, 1).copy()).reshape(1, -1)
    found = functional.linear(flat, net.fc6.weight, net.fc6.bias)[0]
    assert np.allclose(found.detach().numpy(), expected, atol=1e-4)


def test_a_torch_file_is_taken_as_it_is(tmp_path):
    path = tmp_path / "vgg_face_dag.pth"
    theirs = network()
    state = {**theirs.base.state_dict(), **{
        f"{name}.{kind}": getattr(getattr(theirs, name), kind).data
        for name in ("fc6", "fc7") for kind in ("weight", "bias")
    }}  # fmt: skip
    torch.save({**state, "fc8.weight": torch.zeros(2622, 16)}, path)
    net = network()
    load_vggface(net.pretrained, path)
    assert torch.equal(net.base.conv1_1.weight, theirs.base.conv1_1.weight)
    assert torch.equal(net.fc7.bias, theirs.fc7.bias)


def test_the_convolutions_alone_can_be_filled(tmp_path):
    path = tmp_path / "w.h5"
    keras_file(path, np.random.default_rng(3))
    net = Blocks(NARROW)
    before = net.conv1_1.weight.clone()
    load_vggface(net, path)
    assert not torch.equal(net.conv1_1.weight, before)


def test_a_file_of_other_shapes_says_which(tmp_path):
    path = tmp_path / "w.h5"
    keras_file(path, np.random.default_rng(4))
    wider = ((8, 4), *NARROW[1:])
    with pytest.raises(InputError, match=r"conv1_1.weight of shape \(4, 3, 3, 3\)"):
        load_vggface(Blocks(wider), path)


def test_a_file_that_lacks_layers_says_which(tmp_path):
    path = tmp_path / "w.pth"
    torch.save({"conv1_1.weight": torch.zeros(4, 3, 3, 3)}, path)
    with pytest.raises(InputError, match=r"lacks 25 tensors \(conv1_1.bias"):
        load_vggface(Blocks(NARROW), path)


@pytest.mark.parametrize("name", ["w.h5", "w.pth"])
def test_rubbish_and_nothing_are_refused(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(InputError, match=name):
        read_vggface(path)
    path.write_bytes(b"no weights at all")
    with pytest.raises(InputError, match=name):
        read_vggface(path)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "w.pth"
    torch.save({"conv_1_1.weight": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="conv1_1"):
        read_vggface(path)
    torch.save([1, 2], path)
    with pytest.raises(InputError, match="tensors by name"):
        read_vggface(path)
