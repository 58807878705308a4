"""What the networks of several methods share: blocks, backbones, losses, what is learned how.

Needs the extra ``train``.
"""
