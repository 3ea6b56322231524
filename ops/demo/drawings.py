"""What the cast photographs and looks like: flat drawings in the colours of the town, made anew each time. Pillow only."""

import math
import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

RGB = tuple[int, int, int]
Draw = ImageDraw.ImageDraw
FINE = 2
NIGHT: tuple[RGB, RGB] = ((14, 20, 44), (58, 62, 104))
DUSK: tuple[RGB, RGB] = ((247, 218, 172), (226, 140, 110))
DAY: tuple[RGB, RGB] = ((188, 221, 235), (240, 240, 226))
STONE, ROOF, BARK, LEAF = (214, 202, 184), (122, 74, 66), (92, 70, 58), (96, 132, 88)


def _ground(size: tuple[int, int], colours: tuple[RGB, RGB]) -> Image.Image:
    """From one colour on top to another below."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, colours[1]), Image.new("RGB", size, colours[0]), ramp)


def _scene(width: int, height: int, sky: tuple[RGB, RGB], paint: Callable[[Draw, float, float], None]) -> Image.Image:
    image = _ground((width * FINE, height * FINE), sky)
    paint(ImageDraw.Draw(image), width * FINE, height * FINE)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _house(draw: Draw, x: float, floor: float, wide: float, high: float, wall: RGB, lit: RGB | None = None) -> None:
    draw.rectangle((x, floor - high, x + wide, floor), fill=wall)
    roof = [
        (x - wide * 0.06, floor - high),
        (x + wide / 2, floor - high - wide * 0.42),
        (x + wide * 1.06, floor - high),
    ]
    draw.polygon(roof, fill=tuple(int(c * 0.62) for c in wall))
    pane = lit or tuple(int(c * 0.5) for c in wall)
    for row in range(2):
        for column in range(2):
            left, top = x + wide * (0.18 + 0.4 * column), floor - high * (0.84 - 0.4 * row)
            draw.rectangle((left, top, left + wide * 0.2, top + high * 0.2), fill=pane)


def _linden(draw: Draw, x: float, floor: float, high: float, leaf: RGB = LEAF, seed: int = 3) -> None:
    chance = random.Random(seed)
    draw.polygon([(x - high * 0.045, floor), (x + high * 0.045, floor), (x + high * 0.02, floor - high * 0.5),
                  (x - high * 0.02, floor - high * 0.5)], fill=BARK)  # fmt: skip
    for _ in range(26):
        turn, far = chance.uniform(0, math.tau), chance.uniform(0, 0.27) * high
        cx, cy = x + math.cos(turn) * far, floor - high * 0.68 + math.sin(turn) * far * 0.8
        wide = chance.uniform(0.09, 0.17) * high
        shade = chance.uniform(0.82, 1.12)
        colour = (min(255, int(leaf[0] * shade)), min(255, int(leaf[1] * shade)), min(255, int(leaf[2] * shade)))
        draw.ellipse((cx - wide, cy - wide, cx + wide, cy + wide), fill=colour)


def _bench(draw: Draw, x: float, floor: float, wide: float) -> None:
    wood = (150, 104, 70)
    for step in range(3):
        top = floor - wide * (0.42 - step * 0.09)
        draw.rounded_rectangle((x, top, x + wide, top + wide * 0.06), wide * 0.02, fill=wood)
    for leg in (0.1, 0.85):
        draw.rectangle((x + wide * leg, floor - wide * 0.18, x + wide * (leg + 0.05), floor), fill=(60, 56, 58))


def square(width: int = 1600, height: int = 1000) -> Image.Image:
    """The square at dusk, the arch on its left."""

    def paint(draw: Draw, w: float, h: float) -> None:
        draw.ellipse((w * 0.63, h * 0.3, w * 0.78, h * 0.54), fill=(252, 232, 196))
        for x, wide, high, wall in (
            (0.5, 0.1, 0.22, (150, 116, 116)),
            (0.6, 0.12, 0.3, (128, 96, 104)),
            (0.84, 0.14, 0.26, (112, 84, 98)),
        ):
            _house(draw, w * x, h * 0.66, w * wide, h * high, wall, (246, 208, 140))
        draw.polygon(
            [
                (w * 0.06, h * 0.66),
                (w * 0.06, h * 0.26),
                (w * 0.2, h * 0.1),
                (w * 0.34, h * 0.26),
                (w * 0.34, h * 0.66),
            ],
            fill=(66, 52, 66),
        )
        draw.rectangle((w * 0.13, h * 0.42, w * 0.27, h * 0.66), fill=(236, 168, 128))
        draw.ellipse((w * 0.13, h * 0.3, w * 0.27, h * 0.54), fill=(236, 168, 128))
        draw.rectangle((0, h * 0.66, w, h), fill=(118, 84, 92))
        draw.polygon([(w * 0.3, h), (w * 0.47, h * 0.66), (w * 0.55, h * 0.66), (w * 0.9, h)], fill=(134, 98, 102))
        _linden(draw, w * 0.44, h * 0.8, h * 0.5, (104, 112, 84))
        _bench(draw, w * 0.49, h * 0.86, w * 0.12)

    return _scene(width, height, DUSK, paint)


def linden(width: int = 1200, height: int = 1500) -> Image.Image:
    """The old linden, and the bench beside it."""

    def paint(draw: Draw, w: float, h: float) -> None:
        for x in (-0.05, 0.72):
            _house(draw, w * x, h * 0.74, w * 0.34, h * 0.3, STONE)
        draw.rectangle((0, h * 0.74, w, h), fill=(206, 196, 176))
        for ring in range(5):
            draw.arc(
                (w * (0.2 - ring * 0.05), h * (0.8 - ring * 0.02), w * (0.7 + ring * 0.05), h * (0.9 + ring * 0.02)),
                0,
                360,
                (184, 172, 152),
                5,
            )
        _linden(draw, w * 0.45, h * 0.85, h * 0.78, seed=11)
        _bench(draw, w * 0.56, h * 0.9, w * 0.34)

    return _scene(width, height, DAY, paint)


def bread(width: int = 1500, height: int = 1000) -> Image.Image:
    """What came out of the oven first."""

    def paint(draw: Draw, w: float, h: float) -> None:
        draw.rectangle((0, h * 0.62, w, h), fill=(120, 84, 60))
        for plank in range(11):
            draw.line((w * plank / 10, h * 0.62, w * (plank / 10 - 0.06), h), fill=(104, 72, 52), width=5)
        for place, (x, y, wide, crust) in enumerate(
            ((0.14, 0.5, 0.34, (196, 128, 62)), (0.46, 0.42, 0.38, (178, 108, 50)), (0.3, 0.66, 0.42, (206, 142, 76)))
        ):
            box = (w * x, h * y, w * (x + wide), h * y + w * wide * 0.42)
            draw.ellipse(box, fill=tuple(int(c * 0.7) for c in crust))
            draw.ellipse((box[0], box[1] - h * 0.02, box[2], box[3] - h * 0.04), fill=crust)
            for cut in range(4):
                cx = box[0] + (box[2] - box[0]) * (0.22 + cut * 0.17)
                draw.arc(
                    (cx, box[1] + h * 0.01, cx + w * 0.06, box[3] - h * 0.06),
                    200 + place * 10,
                    330,
                    (244, 214, 160),
                    14,
                )

    return _scene(width, height, ((78, 54, 50), (186, 110, 66)), paint)


def stars(width: int = 1600, height: int = 900) -> Image.Image:
    """The night without light."""

    def paint(draw: Draw, w: float, h: float) -> None:
        chance = random.Random(4)
        for _ in range(1500):
            along = chance.random()
            x, y = along * w, h * (0.72 - along * 0.55) + chance.gauss(0, h * 0.09)
            size = abs(chance.gauss(0, 1.6)) + 0.6
            glow = int(chance.uniform(90, 235))
            draw.ellipse((x - size, y - size, x + size, y + size), fill=(glow, glow, min(255, glow + 22)))
        for _ in range(260):
            x, y, size = chance.random() * w, chance.random() * h * 0.8, chance.uniform(0.7, 2.6)
            draw.ellipse((x - size, y - size, x + size, y + size), fill=(226, 230, 250))
        for x, wide, high in (
            (-0.03, 0.16, 0.2),
            (0.15, 0.11, 0.28),
            (0.29, 0.17, 0.18),
            (0.5, 0.1, 0.32),
            (0.63, 0.18, 0.2),
            (0.84, 0.2, 0.27),
        ):
            _house(draw, w * x, h, w * wide, h * high, (20, 22, 38), (13, 15, 28))

    return _scene(width, height, NIGHT, paint)


def biscuit(width: int = 1100, height: int = 1100) -> Image.Image:
    """A white cat on the new metre of bench."""

    def paint(draw: Draw, w: float, h: float) -> None:
        draw.rectangle((0, h * 0.7, w, h), fill=(198, 186, 166))
        for step in range(3):
            top = h * (0.56 + step * 0.07)
            draw.rounded_rectangle(
                (-20, top, w + 20, top + h * 0.05), 12, fill=(156 - step * 10, 110 - step * 8, 76 - step * 6)
            )
        white, shade = (248, 246, 240), (226, 222, 214)
        draw.ellipse((w * 0.33, h * 0.36, w * 0.72, h * 0.66), fill=shade)
        draw.ellipse((w * 0.34, h * 0.34, w * 0.7, h * 0.63), fill=white)
        draw.ellipse((w * 0.24, h * 0.24, w * 0.48, h * 0.46), fill=white)
        for ear in (0.265, 0.395):
            draw.polygon([(w * ear, h * 0.29), (w * (ear + 0.02), h * 0.18), (w * (ear + 0.075), h * 0.26)], fill=white)
            draw.polygon(
                [(w * (ear + 0.012), h * 0.275), (w * (ear + 0.024), h * 0.21), (w * (ear + 0.055), h * 0.262)],
                fill=(240, 190, 186),
            )
        for eye in (0.31, 0.405):
            draw.arc((w * eye, h * 0.325, w * (eye + 0.04), h * 0.36), 180, 360, (66, 62, 60), 9)
        draw.polygon([(w * 0.365, h * 0.375), (w * 0.385, h * 0.375), (w * 0.375, h * 0.39)], fill=(226, 150, 146))
        draw.arc((w * 0.58, h * 0.36, w * 0.86, h * 0.66), 300, 90, white, 46)

    return _scene(width, height, DAY, paint)


def shed(width: int = 1500, height: int = 1100) -> Image.Image:
    """The tram shed on the day of the repair café: a wheel, a lamp, a table."""

    def paint(draw: Draw, w: float, h: float) -> None:
        for beam in range(6):
            draw.line((w * beam / 5, 0, w * (beam / 5 - 0.1), h * 0.5), fill=(62, 76, 84), width=22)
        draw.rectangle((0, h * 0.7, w, h), fill=(146, 112, 82))
        cx, cy, far = w * 0.32, h * 0.46, h * 0.25
        draw.ellipse((cx - far, cy - far, cx + far, cy + far), outline=(36, 38, 44), width=24)
        for spoke in range(20):
            turn = spoke * math.tau / 20
            draw.line((cx, cy, cx + math.cos(turn) * far, cy + math.sin(turn) * far), fill=(206, 210, 212), width=4)
        draw.ellipse((cx - 22, cy - 22, cx + 22, cy + 22), fill=(200, 96, 60))
        draw.line((w * 0.74, h * 0.7, w * 0.74, h * 0.38), fill=(58, 54, 56), width=16)
        draw.polygon(
            [(w * 0.66, h * 0.4), (w * 0.82, h * 0.4), (w * 0.785, h * 0.25), (w * 0.695, h * 0.25)],
            fill=(244, 196, 94),
        )
        draw.ellipse((w * 0.71, h * 0.385, w * 0.77, h * 0.44), fill=(255, 240, 196))
        for tool, x in enumerate((0.12, 0.5, 0.58, 0.9)):
            draw.rounded_rectangle(
                (w * x, h * 0.74, w * (x + 0.02), h * (0.86 + tool % 2 * 0.04)), 10, fill=(88, 96, 104)
            )

    return _scene(width, height, ((96, 116, 122), (150, 160, 152)), paint)


def steam(frames: int = 14, width: int = 480, height: int = 360) -> bytes:
    """Forty-one cups since seven: a GIF of one of them."""
    made = []
    for number in range(frames):
        phase = number * math.tau / frames

        def paint(draw: Draw, w: float, h: float, phase: float = phase) -> None:
            for wisp in range(3):
                points = [
                    (
                        w * (0.42 + wisp * 0.08) + math.sin(phase + step * 0.55 + wisp) * w * 0.02,
                        h * (0.5 - step * 0.045),
                    )
                    for step in range(9)
                ]
                draw.line(points, fill=(232, 222, 208), width=12, joint="curve")
            draw.rounded_rectangle((w * 0.32, h * 0.5, w * 0.66, h * 0.84), 40, fill=(238, 232, 222))
            draw.arc((w * 0.6, h * 0.54, w * 0.76, h * 0.76), 270, 90, (238, 232, 222), 22)
            draw.ellipse((w * 0.33, h * 0.47, w * 0.65, h * 0.56), fill=(74, 46, 34))
            draw.ellipse((w * 0.24, h * 0.8, w * 0.74, h * 0.9), fill=(206, 196, 182))

        made.append(_scene(width, height, ((146, 98, 70), (96, 60, 46)), paint))
    out = BytesIO()
    made[0].save(out, "GIF", save_all=True, append_images=made[1:], duration=90, loop=0)
    return out.getvalue()


SKINS: tuple[RGB, ...] = ((246, 214, 188), (226, 178, 144), (190, 134, 98), (132, 88, 62), (94, 62, 46))
HAIRS: tuple[RGB, ...] = ((44, 36, 38), (92, 60, 44), (172, 116, 66), (206, 202, 198), (128, 48, 40), (226, 196, 132))
COATS: tuple[RGB, ...] = ((30, 108, 92), (196, 92, 62), (72, 84, 132), (170, 132, 60), (122, 72, 110), (60, 66, 72))


def portrait(number: int, width: int = 640) -> Image.Image:
    """Somebody of the cast, told apart by hair, coat and ground; the same number is the same person."""
    chance = random.Random(number * 7919 + 5)
    skin, hair, coat = chance.choice(SKINS), HAIRS[number % len(HAIRS)], COATS[(number * 5 + 2) % len(COATS)]
    ground = COATS[(number * 3) % len(COATS)]
    pale: RGB = (200 + ground[0] // 6, 200 + ground[1] // 6, 200 + ground[2] // 6)

    def paint(draw: Draw, w: float, h: float) -> None:
        long = number % 3 == 0
        if long:
            draw.rounded_rectangle((w * 0.27, h * 0.2, w * 0.73, h * 0.74), w * 0.2, fill=hair)
        draw.ellipse((w * 0.12, h * 0.7, w * 0.88, h * 1.4), fill=coat)
        draw.rounded_rectangle(
            (w * 0.42, h * 0.55, w * 0.58, h * 0.78), w * 0.06, fill=tuple(int(c * 0.88) for c in skin)
        )
        draw.ellipse((w * 0.32, h * 0.22, w * 0.68, h * 0.66), fill=skin)
        draw.pieslice((w * 0.29, h * 0.16, w * 0.71, h * 0.6), 180, 360, fill=hair)
        draw.ellipse(
            (w * (0.29 if number % 2 else 0.4), h * 0.17, w * (0.6 if number % 2 else 0.71), h * 0.4), fill=hair
        )
        for eye in (0.43, 0.545):
            draw.ellipse((w * eye, h * 0.43, w * (eye + 0.03), h * 0.46), fill=(44, 40, 42))
        draw.arc((w * 0.44, h * 0.46, w * 0.56, h * 0.57), 20, 160, (150, 82, 72), 9)
        if number % 4 == 1:
            for glass in (0.39, 0.51):
                draw.ellipse((w * glass, h * 0.4, w * (glass + 0.1), h * 0.49), outline=(50, 46, 52), width=8)
        if number % 5 == 2:
            draw.pieslice((w * 0.34, h * 0.42, w * 0.66, h * 0.7), 10, 170, fill=hair)

    return _scene(width, width, (pale, ground), paint)


def jpeg(image: Image.Image) -> bytes:
    """As a phone's camera hands it over, with a little grain."""
    grain = Image.effect_noise(image.size, 14).filter(ImageFilter.GaussianBlur(0.6)).convert("RGB")
    out = BytesIO()
    Image.blend(image, grain, 0.04).save(out, "JPEG", quality=88)
    return out.getvalue()
