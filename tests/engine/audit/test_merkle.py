import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.merkle import (
    EMPTY_ROOT,
    Edge,
    Node,
    consistency_ranges,
    cover,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    prove,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight inputs and the roots that implementations of RFC 6962 test each other with.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

leaf_lists = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


def naive_root(leaves):
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = largest_power_below(len(leaves))
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_path(m, leaves):
    """PATH of RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m, leaves, whole):
    """SUBPROOF of RFC 9162, 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def largest_power_below(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def stored_nodes(leaves):
    """Every perfect subtree, kept as appends complete them; returns a reader over them."""
    nodes, edge = {}, Edge()
    for index, leaf in enumerate(leaves):
        edge, completed = edge.append(leaf_hash(leaf))
        nodes[Node(0, index)] = leaf_hash(leaf)
        for level, value in enumerate(completed, start=1):
            nodes[Node(level, index >> level)] = value
    return lambda wanted: {node: nodes[node] for node in wanted}


def test_the_empty_tree_is_the_hash_of_nothing():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == EMPTY_ROOT


def test_known_leaf_and_node_hashes():
    assert leaf_hash(b"L123456").hex() == (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS, start=1)))
def test_known_roots(size, root):
    assert root_of([leaf_hash(item) for item in INPUTS[:size]]).hex() == root


def test_a_known_inclusion_proof():
    path = prove(inclusion_ranges(0, 8), stored_nodes(INPUTS))
    assert [item.hex() for item in path] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_a_known_consistency_proof():
    path = prove(consistency_ranges(6, 8), stored_nodes(INPUTS))
    assert [item.hex() for item in path] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(leaf_lists)
def test_appending_builds_the_tree_that_the_recursive_definition_builds(leaves):
    assert root_of([leaf_hash(leaf) for leaf in leaves]) == naive_root(leaves)


@given(leaf_lists, st.data())
def test_inclusion_proofs_are_those_of_the_definition_and_verify(leaves, data):
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    path = prove(inclusion_ranges(index, size), stored_nodes(leaves))
    assert list(path) == naive_path(index, leaves[:size])
    root = naive_root(leaves[:size])
    assert verify_inclusion(index, size, leaf_hash(leaves[index]), path, root)


@given(leaf_lists, st.data())
def test_consistency_proofs_are_those_of_the_definition_and_verify(leaves, data):
    size2 = data.draw(st.integers(1, len(leaves)))
    size1 = data.draw(st.integers(1, size2))
    path = prove(consistency_ranges(size1, size2), stored_nodes(leaves))
    assert list(path) == naive_subproof(size1, leaves[:size2], True)
    roots = naive_root(leaves[:size1]), naive_root(leaves[:size2])
    assert verify_consistency(size1, size2, *roots, path)


@given(leaf_lists, st.data())
def test_an_inclusion_proof_fails_after_any_change(leaves, data):
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = list(prove(inclusion_ranges(index, size), stored_nodes(leaves)))
    leaf, root = leaf_hash(leaves[index]), naive_root(leaves)
    assert not verify_inclusion(index, size, leaf_hash(b"another"), path, root)
    assert not verify_inclusion(index, size, leaf, path, bytes(32))
    assert not verify_inclusion(index, size, leaf, [*path, bytes(32)], root)
    if path:
        bent = data.draw(st.integers(0, len(path) - 1))
        assert not verify_inclusion(index, size, leaf, path[:-1], root)
        path[bent] = bytes(32)
        assert not verify_inclusion(index, size, leaf, path, root)


@given(leaf_lists, st.data())
def test_a_consistency_proof_fails_after_any_change(leaves, data):
    size2 = len(leaves)
    size1 = data.draw(st.integers(1, size2))
    path = list(prove(consistency_ranges(size1, size2), stored_nodes(leaves)))
    root1, root2 = naive_root(leaves[:size1]), naive_root(leaves)
    assert not verify_consistency(size1, size2, bytes(32), root2, path)
    assert not verify_consistency(size1, size2, root1, bytes(32), path)
    assert not verify_consistency(size1, size2, root1, root2, [*path, bytes(32)])
    if path:
        bent = data.draw(st.integers(0, len(path) - 1))
        assert not verify_consistency(size1, size2, root1, root2, path[:-1])
        path[bent] = bytes(32)
        assert not verify_consistency(size1, size2, root1, root2, path)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (9, 3)])
def test_no_inclusion_proof_exists_outside_the_tree(index, size):
    with pytest.raises(ValueError, match="is not in a tree"):
        inclusion_ranges(index, size)
    assert not verify_inclusion(index, size, bytes(32), [], bytes(32))


@pytest.mark.parametrize(("size1", "size2"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_no_consistency_proof_exists_from_nothing_or_from_a_larger_tree(size1, size2):
    with pytest.raises(ValueError, match="cannot be proved"):
        consistency_ranges(size1, size2)
    assert not verify_consistency(size1, size2, EMPTY_ROOT, EMPTY_ROOT, [])


def test_a_proof_over_a_million_entries_reads_a_handful_of_stored_hashes():
    ranges = inclusion_ranges(123_456, 1_000_003)
    assert sum(len(cover(*span)) for span in ranges) <= 2 * (1_000_003).bit_length()
