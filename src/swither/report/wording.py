"""Numbers in words: per cent, points, counts and seconds, as they stand in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SPACE = "\u00a0"
MINUS = "\u2212"
NONE = "\u2013"
"""Where a table has nothing to say."""

RIGHT_QUOTE = "\u2019"


def percent(share: float, digits: int = 1) -> str:
    """A share in [0, 1] as per cent.

    Example:
        >>> percent(0.9612).replace(SPACE, " "), percent(-0.001, 0).replace(SPACE, " ")
        ('96.1 %', '0 %')
    """
    return f"{round(100 * share, digits) + 0.0:.{digits}f}{SPACE}%"  # adding zero takes the sign from a zero


def points(difference: float, digits: int = 1) -> str:
    """A difference of shares in percentage points, with its sign.

    Example:
        >>> points(0.013), points(-0.02, 2), points(-0.0001)
        ('+1.3', '−2.00', '0.0')
    """
    shown = f"{100 * difference:+.{digits}f}"
    if float(shown) == 0:
        return shown[1:]
    return shown.replace("-", MINUS)


def probability(p: float) -> str:
    """A p value, with its sign of equality: small ones by their order only.

    Example:
        >>> [probability(p).replace(SPACE, " ") for p in (0.31234, 0.0123, 0.00049, 0.00001)]
        ['= 0.31', '= 0.012', '= 0.0005', '< 0.0001']
    """
    if p < 0.00005:
        return f"<{SPACE}0.0001"
    return f"={SPACE}{p:.{2 if p >= 0.0995 else 3 if p >= 0.00095 else 4}f}"


def count(value: float) -> str:
    """A number of things.

    Example:
        >>> count(12345.4)
        '12,345'
    """
    return f"{round(value):,}"


def signed_count(value: float) -> str:
    """A number of things more or fewer.

    Example:
        >>> signed_count(1234.4), signed_count(-20), signed_count(-0.2)
        ('+1,234', '−20', '0')
    """
    whole = round(value)
    return "0" if whole == 0 else f"{whole:+,}".replace("-", MINUS)


def roughly(value: float) -> str:
    """An estimated number of things: in steps of 5, 50, 500, so that it does not look exact.

    Example:
        >>> roughly(12345), roughly(1049.6), roughly(757), roughly(97.3)
        ('12,500', '1,050', '755', '97')
    """
    step = max(1, 10 ** (len(str(round(abs(value)))) - 2) // 2)
    return count(step * round(value / step))


def in_prose(title: str) -> str:
    """A title as it stands inside a sentence: names with capitals stay.

    Example:
        >>> [in_prose(title) for title in ("Least confidence", "BALD", "CoreSet", "k-center greedy")]
        ['least confidence', 'BALD', 'CoreSet', 'k-center greedy']
    """
    return title[0].lower() + title[1:] if title.split(" ")[0][1:].islower() else title


def sentence(text: str) -> str:
    """With a capital at its beginning.

    Example:
        >>> sentence("dispersion leads.")
        'Dispersion leads.'
    """
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """A duration in its two largest units.

    Example:
        >>> [duration(s).replace(SPACE, " ") for s in (0.0042, 0.42, 42.3, 200, 3700, 100_000)]
        ['4 ms', '0.42 s', '42 s', '3 min 20 s', '1 h 2 min', '1 d 4 h']
    """
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f}{SPACE}ms"
    if seconds < 9.95:
        return f"{seconds:.2g}{SPACE}s"
    whole = round(seconds)
    for size, unit, smaller, below in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            first, rest = divmod(round(whole / smaller) * smaller, size)
            tail = f" {rest // smaller}{SPACE}{below}" if rest else ""
            return f"{first}{SPACE}{unit}{tail}"
    return f"{whole}{SPACE}s"


def listed(names: Sequence[str]) -> str:
    """Names as they stand in a sentence.

    Example:
        >>> listed(["a"]), listed(["a", "b", "c"])
        ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def in_runs(numbers: Sequence[int]) -> str:
    """Whole numbers, those that follow each other as a run.

    Example:
        >>> in_runs([2, 3, 4, 7]), in_runs([1, 2])
        ('2 to 4 and 7', '1 and 2')
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [[f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run] for run in runs]
    return listed([word for run in words for word in run])


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> plural(1, "seed"), plural(3, "seed"), plural(2, "class", "classes")
        ('1 seed', '3 seeds', '2 classes')
    """
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def of_seeds(numbers: Iterable[int]) -> str:
    """Of how many seeds some means are, where they need not be of equally many.

    Args:
        numbers: the number of seeds behind each mean, at least one.

    Example:
        >>> of_seeds([10, 5, 10]), of_seeds([1])
        ('5 to 10 seeds', '1 seed')
    """
    known = set(numbers)
    return f"{min(known)} to {plural(max(known), 'seed')}" if len(known) > 1 else plural(known.pop(), "seed")


def digits_to_show(value: float, digits: int) -> int:
    """Digits behind the point with which a number is not taken for zero: those asked for, or up to three more.

    Example:
        >>> [digits_to_show(value, 2) for value in (1.5, -0.004, 0.0, 1e-9)]
        [2, 3, 2, 2]
    """
    return next((more for more in range(digits, digits + 4) if round(value, more)), digits)
