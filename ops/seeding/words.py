"""Random sentences in English and French for seeded posts."""

from random import Random
from typing import NamedTuple

FIRST = (
    "Ada Adele Aicha Alma Amina Anouk Arthur Basile Bruno Camille Carla Chloe Clara Clement Dario Diane Elias Elsa "
    "Emil Emma Fanny Farid Felix Gaia Hana Hugo Ines Irene Ismael Ivan Jade Joan Jonas Jules Karim Kofi Lea Leon "
    "Lina  Louis Lucie Malik Manon Marc Maya Milo Mina Nadia Nils Nina Noor Olga Oscar Paul Rosa Sam Sara Simon "
    "Sofia Theo Tom Yara"
).split()
LAST = (
    "Abadi Arnaud Bailey Bauer Benali Berger Blanc Boyer Brun Carter Colin Costa Daniel Diallo Dubois Dumas Evans "
    "Faure Fischer Fontaine Gauthier Girard Haddad Hall Hansen Henry Ito Jansen Joly Keita Klein Lambert Laurent "
    "Leroy  Lopez Marchand Martin Mercier Meyer Moreau Nkosi Novak Okafor Olsen Perrin Petit Picard Reed Renard "
    "Rossi Rousseau Roy  Santos Silva Sow Tanaka Thomas Vidal Walsh Weber Wood Young Zhou"
).split()
TAGS = (
    "photo music cinema books jardin garden velo running cuisine recipes chess linux python travel montagne sea "
    "weather theatre poetry history science maths birds cats dogs baking coffee trains architecture drawing "
    "knitting"
).split()
SITES = ("example.org/notes", "www.example.com/a-long-walk", "example.net/2026/recipes", "example.org/films/tonight")
ENGLISH = (
    "The bakery on the corner has changed hands, and the bread is better than ever.",
    "Took the early train to see the sun come up over the estuary.",
    "I have finally finished the last chapter.",
    "Does anybody know a good repair shop for an old bicycle?",
    "Rain again, so it's soup and a film tonight.",
    "Our choir sings on Saturday in the small hall behind the library.",
    "Third attempt at this recipe; less salt, more patience.",
    "What a game! Nobody expected that ending.",
    "The garden is three weeks early this year.",
    "Reading the letters of my grandmother, one a day.",
    "If you pass by the old market, look up: the clock works again.",
    "I disagree, but I see what you mean.",
    "Same here.",
    "Thank you, this is exactly what I was looking for!",
    "Not so sure about that: the figures say something else.",
    "It took four hours, two maps and a very kind stranger.",
    "We are looking for someone who can lend us a projector on Friday.",
    "The new bridge opens in spring, they say. They said so last year as well.",
    "A quiet day. I recommend them.",
    "My neighbour plays the cello at eleven, always the same suite, and I would miss it.",
)
FRENCH = (
    "Le marché était plein de monde ce matin, et les premières fraises sont là.",
    "Quelqu’un a-t-il déjà essayé de réparer un grille-pain de 1970 ?",
    "Trois heures de marche, pas une voiture, et un renard au bord du chemin.",
    "Je relis ce livre tous les hivers.",
    "On cherche un alto pour dimanche, débutants bienvenus !",
    "La pluie s’arrête toujours au moment où l’on rentre.",
    "Je ne suis pas d’accord, mais l’argument est bon.",
    "Merci, c’est exactement ce qu’il me fallait.",
    "Ah, voilà une bonne nouvelle.",
    "La fontaine de la place coule de nouveau après vingt ans de silence.",
    "Premier essai de pain au levain : une brique, mais une brique qui sent bon.",
    "Il reste quatre places pour la visite de vendredi soir.",
    "Vu d’ici, la montagne paraît toute proche.",
    "Qui a laissé une chaise au milieu du parvis ? Elle est très confortable.",
    "Mon grand-père disait la même chose, avec moins de mots.",
    "Le film dure trois heures et on voudrait qu’il en dure quatre.",
)
BIOS = ("Reads slowly.", "Trains, birds, bread.", "Ici pour les photos.", "Profs de maths, cyclistes, même combat.", "")
FACES = ("🙂", "🌿", "☕", "🚲", "🎶", "😂", "🌧️", "📷")


class Said(NamedTuple):
    """A text with whom it names (places in the list of people) and its tags."""

    text: str
    mentions: tuple[int, ...]
    tags: tuple[str, ...]


def say(random: Random, handles: list[str]) -> Said:
    """A post's text: one to eight sentences, one in eight with a mention, a tag or a link."""
    sentences = FRENCH if random.random() < 0.4 else ENGLISH
    words = random.choices(sentences, k=min(8, 1 + int(random.expovariate(0.7))))
    if len(words) > 4:
        words[2] += "\n\n"
    mentions: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    chance = random.random()
    if chance < 0.12:
        mentions = (random.randrange(len(handles)),)
        words.insert(0, f"@{handles[mentions[0]]}")
    elif chance < 0.24:
        tags = tuple(sorted(set(random.choices(TAGS, k=2))))
        words += [f"#{tag}" for tag in tags]
    elif chance < 0.33:
        words.append(f"https://{random.choice(SITES)}?n={random.randrange(10_000)}")
    elif chance < 0.45:
        words.append(random.choice(FACES))
    return Said(" ".join(words), mentions, tags)


def person(random: Random, number: int) -> tuple[str, str]:
    """(handle, display name); the number makes the handle unique."""
    first, last = random.choice(FIRST), random.choice(LAST)
    return f"{first}_{last}{number}"[:30], f"{first} {last}"
