"""Text files: encodings by their marks and letters, the sign between cells, rows that name where they break."""

import pytest

from models_registry.tabular.texts import FileUnfit, csv_rows, delimiter_of, encoding_of, refuse_nul


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("größe".encode("utf-8-sig"), "utf-8-sig"),
        ("größe".encode("utf-16"), "utf-16"),
        ("größe".encode("utf-16-be").join([b"\xfe\xff", b""]), "utf-16"),
        ("größe".encode(), "utf-8"),
        ("größe".encode("cp1252"), "cp1252"),
        ("größe".encode() + b"\xf6", "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_an_encoding_is_known_by_its_mark_or_its_letters(raw: bytes, encoding: str) -> None:
    assert encoding_of(raw, whole=True) == encoding


def test_a_letter_that_the_sample_cuts_in_two_is_no_bad_letter() -> None:
    cut = "größe".encode()[:3]

    assert (encoding_of(cut, whole=False), encoding_of(cut, whole=True)) == ("utf-8", "cp1252")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1,5\t2,5\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('a,b\n"x;y;z",2\n', ","),
        ("a\nb\n", ","),
        ("Inventory 2026\n\na;b\n1;2\n", ";"),
        ("a;b\r1,0;2,0\r", ";"),
    ],
)
def test_the_sign_between_cells_is_the_one_of_most_lines(text: str, sign: str) -> None:
    assert delimiter_of(text) == sign


def test_a_row_that_cannot_be_read_is_named_by_where_it_begins() -> None:
    with pytest.raises(FileUnfit, match="Row 3: "):
        list(csv_rows('a,b\n"1\n2",3\n"4,5\n6,7\n', strict=True))
    with pytest.raises(FileUnfit, match="Row 1: field larger"):
        list(csv_rows("x" * 140_000))


def test_a_nul_is_in_no_text() -> None:
    assert refuse_nul("a") == "a"
    with pytest.raises(FileUnfit, match=r"characters that no text has\. Save it as CSV\."):
        refuse_nul("a\x00", "Save it as CSV.")
