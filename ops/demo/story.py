"""A week on the square of Tilly, in English and French: what the cast of ops/demo/cast.py says and does.

A time is "5 09:30" (five days ago, UTC) or "-40" (forty minutes ago), so that the week always ends now.
"""

from typing import NamedTuple

from domain.core.visibility import WhoMayReply


class Post(NamedTuple):
    """``key`` names it here and in tests; ``reply`` and ``quote`` are keys of earlier posts.

    ``shows`` are drawings of ops/demo/drawings.py, each with the words for it.
    """

    key: str
    when: str
    who: str
    text: str
    reply: str = ""
    quote: str = ""
    followers: bool = False
    replies_to: WhoMayReply = WhoMayReply.EVERYONE
    cover: str | None = None
    shows: tuple[tuple[str, str], ...] = ()


class Action(NamedTuple):
    """Anything else: ``verb`` is up, down, repost, edit, mute, block or ask; ``on`` a post's key or a handle."""

    when: str
    who: str
    verb: str
    on: str
    text: str = ""


POSTS = [
    # The oven
    Post("oven", "6 06:10", "mireille", "Le four est réparé. Après trois semaines de biscuits froids et de regards tristes, la boulangerie rouvre demain à 6 h 30. Croissants, pain de seigle, et les chouquettes de ma grand-mère. Venez avec vos paniers. #Boulangerie", shows=(("bread", "Trois pains tout juste sortis du four, sur une table en bois"),)),
    Post("relay", "6 06:42", "ibrahim", "J’ai changé le relais à deux heures du matin. Je demande à être payé en chouquettes.", "oven"),
    Post("contract", "6 06:50", "mireille", "@ibrahim Le contrat dit : une chouquette par ampère. Tu vas rouler.", "relay"),
    Post("measure", "6 07:31", "noor", "As the pharmacist opposite, I will follow this experiment with great interest.", "contract"),
    Post("amperes", "6 07:40", "ibrahim", "It is a 32 ampere oven, docteur.", "measure"),
    Post("both", "6 08:05", "tom", "Does “6:30” mean 6:30, or when the queue reaches the fountain?", "oven"),
    Post("same", "6 08:12", "mireille", "Both, Tom. It is the same moment.", "both"),
    # The bench
    Post("agenda", "6 10:00", "simone", "Conseil municipal jeudi à 19 h, salle des fêtes. À l’ordre du jour : les comptes, la vitesse rue Haute, et la question du banc sous le vieux tilleul. Public bienvenu.\n\nhttps://tilly.example/conseil/ordre-du-jour #Tilleul"),
    Post("question", "6 10:21", "pavel", "What question? It is a bench. One sits on it.", "agenda"),
    Post("roots", "6 10:34", "lena", "The question is the roots. The bench stands on what the tree breathes with, and the tree was here first.", "question"),
    Post("31years", "6 10:40", "pavel", "I have been sitting there for 31 years. The tree has never complained.", "roots"),
    Post("branches", "6 10:44", "lena", "It does not complain. It drops branches.", "31years"),
    Post("firewood", "6 11:02", "tom", "So do I when I carry firewood, and nobody holds a council about me.", "branches"),
    Post("time", "6 11:03", "pavel", "Give it time.", "firewood"),
    Post("drawing", "6 17:15", "lena", "For everyone who asks what I have against benches: nothing. I drew one that goes round the trunk on small feet and lets the rain through. Come on Thursday and look at it. #Tilleul", quote="agenda"),
    Post("carpark", "6 17:48", "gaston", "Funny how there is always money for a tree and never for the car park. I am only asking questions.", "drawing"),
    Post("bandstand", "6 18:02", "ibrahim", "You asked the same about the library, the pool and the bandstand, Gaston.", "carpark"),
    Post("nobody", "6 18:05", "gaston", "And nobody has answered!", "bandstand"),
    Post("overdue", "6 18:30", "ottilie", "The library did. You are eleven weeks late with a book called “How to Listen”.", "nobody"),
    # Bread, and a date
    Post("queue", "5 06:31", "tom", "06:31. The queue has reached the fountain. Mireille opened at 06:30. Both were true.", quote="same"),
    Post("verdict", "5 09:10", "noor", "Verdict: 32 chouquettes are a medical event. The patient @ibrahim is stable and refuses treatment. #Boulangerie"),
    Post("regrets", "5 09:16", "ibrahim", "Je ne regrette rien. Presque rien.", "verdict"),
    Post("cafe", "5 12:00", "ana", "Repair café on Saturday at 14:00 in the old tram shed. Bring what is broken: bikes, lamps, toasters, zips. Broken hearts by appointment only. #RepairCafe"),
    Post("machine", "5 12:20", "bao", "I will bring coffee. Also the machine that makes it, which is broken. This is a matter of some urgency.", "cafe"),
    Post("firstinline", "5 12:24", "ana", "@bao You are first in line. We are not heartless.", "machine"),
    Post("lamp", "5 13:05", "eszter", "I am new here and own a lamp with opinions. May newcomers come?", "cafe"),
    Post("goodchair", "5 13:09", "ana", "Newcomers get the good chair, @eszter.", "lamp"),
    Post("mychair", "5 13:30", "pavel", "The good chair is mine. But I will lend it.", "goodchair"),
    Post("toaster", "5 14:00", "mireille", "J’apporte la brioche. Et le grille-pain qui la brûle.", "cafe"),
    Post("sketch", "5 16:40", "yuki", "Drew the linden all morning. It does not hold still either."),
    # The cat
    Post("cat", "4 08:20", "tom", "Lost: Biscuit, grey tabby, one white sock, answers to nothing. Last seen on the wall of the old mill. If you meet him please do not run, he will think it is a game. #LostCat"),
    Post("weather", "4 09:45", "noor", "Seen behind the pharmacy, reading the weather. He left before I could ask.", "cat"),
    Post("espresso", "4 10:02", "bao", "A grey tabby has just ordered an espresso. It may be somebody else.", "cat"),
    Post("flour", "4 10:30", "mireille", "Un chat dort sur mes sacs de farine. Mais il est tout blanc. Ce ne doit pas être lui. #LostCat", "cat"),
    Post("sock", "4 10:33", "tom", "One white sock, Mireille. One.", "flour"),
    Post("four", "4 10:34", "mireille", "Alors il en a mis quatre, et le reste du costume.", "sock"),
    Post("coming", "4 10:35", "tom", "BISCUIT. I am on my way.", "four"),
    Post("grumble", "4 10:50", "gaston", "A town that cannot look after one cat wants to look after a tree. You are all ridiculous, the doctor first.", "cat"),
    Post("found", "4 11:20", "tom", "Found! He is white from whiskers to tail and smells of rye. Thank you @mireille, thank you all. He accepts apologies at the usual address. #LostCat"),
    Post("film", "4 21:30", "ottilie", "For those who fell asleep: the lighthouse keeper wrote the letters himself. Yes, the first ones too. No, the goat knew nothing. #CinéClub", cover="How Monday’s film ends"),
    Post("goat", "4 21:44", "pavel", "The goat knew.", "film"),
    # The council
    Post("vote", "3 21:05", "simone", "Le conseil a voté : 9 pour, 2 contre, et une abstention de M. Iliev, qui n’est pas élu mais y tenait. Le banc déménage d’un mètre, le tilleul respire. #Tilleul"),
    Post("dignity", "3 21:11", "pavel", "I abstained with dignity.", "vote"),
    Post("chair", "3 21:13", "lena", "You abstained with a folding chair.", "dignity"),
    Post("cargo", "3 21:20", "ana", "Who needs hands to carry a bench? I have a cargo bike and poor judgement.", "vote"),
    Post("gloves", "3 21:26", "lena", "Saturday, after the repair café. @ana @ibrahim @bao please bring gloves.", "cargo"),
    Post("metre", "3 22:00", "pavel", "One metre. I have measured the sun at four o’clock. It is a better metre.", quote="vote"),
    # The dark
    Post("dark", "2 19:52", "ibrahim", "Power is out from the mill to the square: a branch on the line in rue Haute. The crew is out, I am one half of it. Please do not ring the town hall, it is dark there too. #PowerCut"),
    Post("insulin", "2 19:58", "noor", "The pharmacy has a gas lamp, and the fridge holds for six hours. Whoever must keep medicine cool: knock twice.", "dark"),
    Post("candles", "2 20:04", "ottilie", "The library is open and warm, with forty candles left from the film club.", "insulin"),
    Post("soup", "2 20:10", "bao", "My stove is gas. Phở for everyone, until there is none. La soupe est offerte.", "dark"),
    Post("woodoven", "2 20:15", "mireille", "Mon four est électrique. Qui a un four à bois ?", "dark"),
    Post("shed", "2 20:17", "pavel", "The tram shed has one. I know because I was young once.", "woodoven"),
    Post("baguettes", "2 20:18", "mireille", "J’arrive avec quarante baguettes crues.", "shed"),
    Post("stars", "2 21:40", "eszter", "The Milky Way, from a town square. Nobody looks at a phone except me, telling you so.", shows=(("stars", "The Milky Way over the dark roofs of the town"),)),
    Post("pointing", "2 21:55", "tom", "I taught the constellations by pointing. No slides. Best lesson of the year.", "stars"),
    Post("light", "2 23:12", "ibrahim", "Light is back. Whoever left a hairdryer on at number 14: it works. #PowerCut"),
    Post("secret", "2 23:20", "ibrahim", "Between us: the branch came from the linden’s brother. Nobody tell Lena before Sunday.", followers=True),
    # The metre
    Post("tally", "1 18:30", "ana", "Repair café, the tally: 11 bikes, 4 lamps, 3 toasters, 1 coffee machine, 1 accordion (sorry, neighbours), 0 hearts, though two people left together. #RepairCafe", shows=(("shed", "A bicycle wheel and a lamp on the table of the tram shed"),)),
    Post("opinions", "1 18:41", "eszter", "My lamp has lost its opinions. I miss them a little.", "tally"),
    Post("who", "1 18:50", "noor", "Which two people?", "tally"),
    Post("nevertells", "1 18:52", "ana", "A repairer never tells.", "who"),
    Post("moved", "1 19:40", "lena", "The bench has moved. One metre, six people, one argument about which way is left. The roots breathe, and @pavel sat down before his own speech was over.\nhttps://tilly.example/tilleul #Tilleul", shows=(("linden", "The linden on the square with the bench one metre further from its trunk"), ("square", "The square at dusk: the arch on the left, lit windows on the right"))),
    Post("goodmetre", "1 19:44", "pavel", "It is a good metre.", "moved"),
    Post("minutes", "1 19:52", "simone", "Noté au procès-verbal.", "goodmetre"),
    Post("sixth", "1 20:30", "eszter", "A week ago I knew nobody here. Today I carried a sixth of a bench."),
    Post("members", "1 21:00", "ottilie", "House rule of this place, since somebody asked: be on the square as you would be on the square.", replies_to=WhoMayReply.FOLLOWERS),
    # Now
    Post("sunday", "-85", "mireille", "Dimanche : brioche au tilleul. Édition limitée, soixante pièces, une par banc. #Boulangerie #Tilleul"),
    Post("onebench", "-72", "pavel", "There is only one bench.", "sunday"),
    Post("hurry", "-70", "mireille", "Alors dépêche-toi.", "onebench"),
    Post("cups", "-44", "bao", "The coffee machine lives: 41 cups since seven o’clock. The first one was @ana’s, on the house for life.", shows=(("steam", "A white cup of coffee, its steam curling up"),)),
    Post("biscuit", "-26", "tom", "Biscuit has taken the new metre of bench. Pavel stands next to it and says nothing. I have never seen such diplomacy.", shows=(("biscuit", "A white cat asleep on the end of a wooden bench"),)),
    Post("next", "-9", "ana", "Next repair café in two weeks. @pavel has promised to bring the good chair, and the right to sit on it."),
]  # fmt: skip

ACTIONS = [
    Action("6 06:55", "ana", "repost", "oven"),
    Action("6 18:40", "lena", "mute", "gaston"),
    Action("5 13:40", "ana", "edit", "cafe", "Repair café on Saturday at 15:00 (the choir has the shed until then) in the old tram shed. Bring what is broken: bikes, lamps, toasters, zips. Broken hearts by appointment only. #RepairCafe"),
    Action("5 14:10", "bao", "repost", "cafe"),
    Action("5 17:00", "eszter", "ask", "yuki"),
    Action("4 08:25", "ana", "repost", "cat"),
    Action("4 08:31", "mireille", "repost", "cat"),
    Action("4 08:50", "ottilie", "repost", "cat"),
    Action("4 10:58", "noor", "block", "gaston"),
    Action("3 21:30", "lena", "repost", "vote"),
    Action("2 20:00", "noor", "repost", "dark"),
    Action("2 20:12", "tom", "repost", "soup"),
    Action("1 20:45", "ottilie", "repost", "sixth"),
]  # fmt: skip

# Who wants to hear of every post of whom, and who has strangers' notices set aside.
BELLS = [("pavel", "ana"), ("eszter", "ana"), ("tom", "mireille"), ("ana", "tom")]
SHY = ["tom"]

# Who voted for what, an hour or less after it was said.
UPS = {
    "oven": "ana ibrahim noor tom bao ottilie pavel", "contract": "noor ibrahim ana", "amperes": "mireille tom",
    "same": "tom ana ottilie noor", "roots": "ana noor yuki", "31years": "tom bao", "time": "tom lena ana noor",
    "drawing": "ana ottilie yuki simone", "bandstand": "ottilie lena", "overdue": "ana noor ibrahim tom lena bao mireille",
    "cafe": "bao eszter mireille pavel tom", "mychair": "ana eszter", "cat": "ana noor", "espresso": "tom noor ana",
    "flour": "ana bao", "four": "tom ana noor bao ottilie", "found": "ana mireille noor bao ottilie eszter lena",
    "goat": "ottilie bao tom", "vote": "lena ana ottilie", "chair": "ana tom bao simone", "dark": "noor ottilie",
    "insulin": "ibrahim ottilie ana simone", "soup": "tom eszter mireille ana", "stars": "tom yuki ana lena",
    "light": "noor tom bao", "secret": "noor ana", "tally": "bao eszter mireille noor", "moved": "ana simone ottilie yuki",
    "goodmetre": "lena ana tom", "sixth": "ana lena ottilie tom noor bao mireille", "hurry": "tom ana",
}  # fmt: skip
DOWNS = {"carpark": "ana ottilie tom", "grumble": "tom bao mireille ana ottilie", "nobody": "ottilie"}
