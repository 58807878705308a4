"""Published weights: loaded whole, or said to be absent."""

from __future__ import annotations

import hashlib
import http.server
import logging
import threading
from dataclasses import replace

import pytest
import torch
from torch import nn

from facialis.errors import InputError, WeightsError
from facialis.networks.pretrained import RANDOM, load_pretrained
from facialis.weights import catalogue, store


def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))


@pytest.fixture
def file(tmp_path):
    tensors = {f"features.{key}": value + 1 for key, value in network().state_dict().items()}
    del tensors["features.1.num_batches_tracked"]
    path = tmp_path / "small.pth"
    torch.save(tensors | {"classifier.weight": torch.zeros(2)}, path)
    return path


@pytest.fixture
def remote(file, tmp_path, monkeypatch):
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(file.read_bytes())

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        entry = replace(
            catalogue.find("imagenet_vgg16"),
            name="small",
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            size=file.stat().st_size,
            url=f"http://127.0.0.1:{server.server_port}/small.pth",
        )
        monkeypatch.setattr(catalogue, "CATALOGUE", (*catalogue.CATALOGUE, entry))
        monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path / "cache"))
        monkeypatch.delenv("FACIALIS_OFFLINE", raising=False)
        yield entry
        server.shutdown()
        thread.join()


def test_absent_weights_are_one_warning_and_nothing_is_fetched(remote, caplog):
    module = network()
    before = module[0].weight.clone()
    with caplog.at_level(logging.WARNING):
        assert load_pretrained(module, "small") == RANDOM
    assert len(caplog.records) == 1
    assert "starts from random weights" in caplog.text
    assert torch.equal(module[0].weight, before)
    assert str(RANDOM) == "random weights"


def test_fetched_weights_are_loaded_and_named(remote, file, caplog):
    store.get("small")
    module = network()
    start = load_pretrained(module, "small", part="features.")
    assert torch.equal(module[0].weight, torch.load(file)["features.0.weight"])
    assert str(start) == f"weights small sha256 {remote.sha256}"
    assert not caplog.records


def test_a_given_file_is_loaded(file):
    start = load_pretrained(network(), "imagenet_vgg16", part="features.", file=file)
    assert start.name == "small.pth"
    assert start.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_damaged_weights_of_the_catalogue_are_refused(remote):
    store.get("small").write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="sha256"):
        load_pretrained(network(), "small", part="features.")


def test_weights_of_another_network_are_refused(remote):
    store.get("small")
    with pytest.raises(WeightsError, match="lacks 6 tensors"):
        load_pretrained(network(), "small")


def test_weights_of_another_shape_are_refused(file):
    other = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5))
    with pytest.raises(InputError, match="of shape"):
        load_pretrained(other, "imagenet_vgg16", part="features.", file=file)


@pytest.mark.parametrize("content", [b"", b"not weights", None])
def test_a_file_without_weights_is_refused(tmp_path, content):
    path = tmp_path / "strange.pth"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"strange\.pth"):
        load_pretrained(network(), "imagenet_vgg16", file=path)


def test_an_unknown_name_is_refused():
    with pytest.raises(WeightsError, match="no weights of that name"):
        load_pretrained(network(), "imagenet_nothing")
