"""Names of people are taken out of what a jury reads."""

import pytest

from domain.moderation.clearing import Clearing, Person, handles_in

PEOPLE = [
    Person("eve_22", ("Ève Moreau",)),
    Person("ana", ("Ana",)),
    Person("mal", ("Ana María Lopez",)),
    Person("wei", ("张伟",)),
]


@pytest.mark.parametrize(
    ("text", "cleared"),
    [
        ("@eve_22 said so", "P A said so"),
        ("ask Eve Moreau, or eve_22.", "ask P A, or P A."),
        ("EVE MOREAU! And Moreau's friends", "P A! And P A's friends"),
        ("Ana María Lopez and Ana", "P A and P B"),
        ("ana knows @ANA and @stranger", "P A knows P A and P B"),
        ("mail me: somebody@mal.example", "mail me: somebodyP A.example"),
        ("https://parvis.test/@eve_22/12", "https://parvis.test/P A/12"),
        ("#eve_22", "#P A"),
        ("Anagram, banana and moreau", "Anagram, banana and moreau"),
        ("他说张伟是笨蛋", "他说P A是笨蛋"),
        ("", ""),
    ],
)
def test_everybody_is_a_letter(text: str, cleared: str) -> None:
    assert Clearing(PEOPLE, "P %(letter)s").text(text) == cleared


def test_one_person_has_one_letter_in_all_texts() -> None:
    clearing = Clearing(PEOPLE, "Person %(letter)s")
    assert clearing.person("EVE_22") == "Person A"
    assert clearing.text("@ana wrote to Ève Moreau") == "Person B wrote to Person A"
    assert [clearing.person(f"other{n}") for n in (1, 2)] == ["Person C", "Person D"]
    for number in range(3, 24):
        clearing.person(f"other{number}")
    assert [clearing.person(f"other{n}") for n in (24, 25)] == ["Person Z", "Person AA"]


def test_handles_are_found_wherever_they_stand() -> None:
    found = handles_in(["@Eve_22, see x.example/@mal", "a@b.example", "Tom_7 and tom"])
    assert found == {"eve_22", "mal", "b", "tom_7"}


def test_who_is_learnt_later_has_the_same_letter_and_changes_no_earlier_text() -> None:
    clearing = Clearing(PEOPLE[:1], "P %(letter)s")
    assert clearing.text("eve_22 will kill Mal") == "P A will kill Mal"
    clearing.learn([Person("eve_22", ("Kill",)), Person("mal", ("Mal",))])
    assert clearing.text("Kill is me, and Mal is there") == "P A is me, and P B is there"


def test_time_grows_with_the_text() -> None:
    long = "@eve_22 and Ana María " * 5000
    assert "eve" not in Clearing(PEOPLE, "P %(letter)s").text(long).lower()
