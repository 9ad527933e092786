"""The papers behind methods, networks, data and tests, and which of them a comparison needs, as BibTeX.

Only what is certain is said of a paper: where no page numbers or identifiers stand, none were looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from swither._version import __version__
from swither.report.manuscript.latex import escaped


@dataclass(frozen=True)
class Reference:
    """A paper.

    Attributes:
        key: what ``\\cite`` names it by.
        kind: of entry, such as ``inproceedings``.
        author: as BibTeX has it: ``Last, First and Last, First``.
        fields: title, year and the others, as plain words; names in braces keep their capitals.
    """

    key: str
    kind: str
    author: str
    fields: Mapping[str, str]

    @property
    def short(self) -> str:
        """Authors and year, as they stand in a sentence.

        Example:
            >>> REFERENCES["sener2018coreset"].short
            'Sener and Savarese, 2018'
        """
        names = [name.partition(",")[0].strip("{}") for name in self.author.split(" and ")]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        return f"{who}, {self.fields['year']}"

    @property
    def bibtex(self) -> str:
        """The entry."""
        lines = [f"  author = {{{_braced(self.author)}}},"]
        lines += [
            f"  {name} = {{{value if name == 'doi' else _braced(value)}}}," for name, value in self.fields.items()
        ]
        return "\n".join((f"@{self.kind}{{{self.key},", *lines, "}", ""))


def _braced(text: str) -> str:
    """Escaped, but for the braces that keep capitals."""
    return escaped(text).replace(r"\{", "{").replace(r"\}", "}")


def _conference(key: str, author: str, title: str, booktitle: str, year: str, **more: str) -> Reference:
    return Reference(key, "inproceedings", author, {"title": title, "booktitle": booktitle, "year": year} | more)


_ALL = (
    _conference(
        "zolfaghari2021dispersion",
        "Zolfaghari Bengar, Javad and Raducanu, Bogdan and van de Weijer, Joost",
        "When Deep Learners Change Their Mind: Learning Dynamics for Active Learning",
        "Computer Analysis of Images and Patterns ({CAIP})",
        "2021",
        volume="13052",
        pages="403\u2013413",
        publisher="Springer",
        doi="10.1007/978-3-030-89128-2_39",
    ),
    Reference(
        "settles2009survey",
        "techreport",
        "Settles, Burr",
        {
            "title": "Active Learning Literature Survey",
            "institution": "University of Wisconsin\u2013Madison",
            "type": "Computer Sciences Technical Report",
            "year": "2009",
        },
    ),
    _conference(
        "lewis1994sequential",
        "Lewis, David D. and Gale, William A.",
        "A Sequential Algorithm for Training Text Classifiers",
        "{ACM SIGIR} Conference on Research and Development in Information Retrieval",
        "1994",
    ),
    _conference(
        "scheffer2001margin",
        "Scheffer, Tobias and Decomain, Christian and Wrobel, Stefan",
        "Active Hidden {Markov} Models for Information Extraction",
        "Advances in Intelligent Data Analysis ({IDA})",
        "2001",
    ),
    Reference(
        "shannon1948",
        "article",
        "Shannon, Claude E.",
        {
            "title": "A Mathematical Theory of Communication",
            "journal": "Bell System Technical Journal",
            "volume": "27",
            "year": "1948",
        },
    ),
    Reference(
        "houlsby2011bald",
        "misc",
        "Houlsby, Neil and Huszár, Ferenc and Ghahramani, Zoubin and Lengyel, Máté",
        {
            "title": "Bayesian Active Learning for Classification and Preference Learning",
            "howpublished": "arXiv:1112.5745",
            "year": "2011",
        },
    ),
    _conference(
        "gal2017image",
        "Gal, Yarin and Islam, Riashat and Ghahramani, Zoubin",
        "Deep {Bayesian} Active Learning with Image Data",
        "International Conference on Machine Learning ({ICML})",
        "2017",
        pages="1183\u20131192",
    ),
    _conference(
        "sener2018coreset",
        "Sener, Ozan and Savarese, Silvio",
        "Active Learning for Convolutional Neural Networks: A Core-Set Approach",
        "International Conference on Learning Representations ({ICLR})",
        "2018",
    ),
    _conference(
        "sinha2019vaal",
        "Sinha, Samarth and Ebrahimi, Sayna and Darrell, Trevor",
        "Variational Adversarial Active Learning",
        "{IEEE/CVF} International Conference on Computer Vision ({ICCV})",
        "2019",
    ),
    _conference(
        "ash2020badge",
        "Ash, Jordan T. and Zhang, Chicheng and Krishnamurthy, Akshay and Langford, John and Agarwal, Alekh",
        "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds",
        "International Conference on Learning Representations ({ICLR})",
        "2020",
    ),
    _conference(
        "hacohen2022typiclust",
        "Hacohen, Guy and Dekel, Avihu and Weinshall, Daphna",
        "Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets",
        "International Conference on Machine Learning ({ICML})",
        "2022",
    ),
    _conference(
        "arthur2007kmeans",
        "Arthur, David and Vassilvitskii, Sergei",
        "k-means++: The Advantages of Careful Seeding",
        "{ACM-SIAM} Symposium on Discrete Algorithms ({SODA})",
        "2007",
    ),
    Reference(
        "zhdanov2019diverse",
        "misc",
        "Zhdanov, Fedor",
        {"title": "Diverse mini-batch Active Learning", "howpublished": "arXiv:1901.05954", "year": "2019"},
    ),
    _conference(
        "he2016resnet",
        "He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian",
        "Deep Residual Learning for Image Recognition",
        "{IEEE} Conference on Computer Vision and Pattern Recognition ({CVPR})",
        "2016",
    ),
    _conference(
        "tan2019efficientnet",
        "Tan, Mingxing and Le, Quoc V.",
        "{EfficientNet}: Rethinking Model Scaling for Convolutional Neural Networks",
        "International Conference on Machine Learning ({ICML})",
        "2019",
        pages="6105\u20136114",
    ),
    _conference(
        "deng2009imagenet",
        "Deng, Jia and Dong, Wei and Socher, Richard and Li, Li-Jia and Li, Kai and Fei-Fei, Li",
        "{ImageNet}: A Large-Scale Hierarchical Image Database",
        "{IEEE} Conference on Computer Vision and Pattern Recognition ({CVPR})",
        "2009",
        pages="248\u2013255",
    ),
    Reference(
        "wightman2019timm",
        "misc",
        "Wightman, Ross",
        {"title": "{PyTorch} Image Models", "howpublished": "Software", "year": "2019"},
    ),
    Reference(
        "krizhevsky2009cifar",
        "techreport",
        "Krizhevsky, Alex",
        {
            "title": "Learning Multiple Layers of Features from Tiny Images",
            "institution": "University of Toronto",
            "year": "2009",
        },
    ),
    Reference(
        "holm1979",
        "article",
        "Holm, Sture",
        {
            "title": "A Simple Sequentially Rejective Multiple Test Procedure",
            "journal": "Scandinavian Journal of Statistics",
            "volume": "6",
            "pages": "65\u201370",
            "year": "1979",
        },
    ),
    Reference(
        "swither",
        "misc",
        "{The swither authors}",
        {
            "title": "swither: which images to label next, by watching what a network keeps changing its mind about",
            "howpublished": f"Software, version {__version__}",
            "year": "2026",
        },
    ),
)

REFERENCES: Mapping[str, Reference] = {reference.key: reference for reference in _ALL}

OF_METHODS: Mapping[str, tuple[str, ...]] = {
    "random": ("settles2009survey",),
    "least-confidence": ("lewis1994sequential",),
    "margin": ("scheffer2001margin",),
    "entropy": ("shannon1948", "settles2009survey"),
    "bald": ("houlsby2011bald", "gal2017image"),
    "dispersion": ("zolfaghari2021dispersion",),
    "diverse-dispersion": ("swither", "zolfaghari2021dispersion", "arthur2007kmeans"),
    "clustered-dispersion": ("swither", "zolfaghari2021dispersion", "zhdanov2019diverse"),
    "kcenter": ("sener2018coreset",),
    "coreset": ("sener2018coreset",),
    "badge": ("ash2020badge",),
    "typiclust": ("hacohen2022typiclust",),
    "vaal": ("sinha2019vaal",),
    "oracle": ("zolfaghari2021dispersion",),
}
"""Name in the catalogue -> keys of its papers, the method's own first."""


def marked(*keys: str) -> str:
    """A place where papers are cited, as it stands in a text that becomes plain words or LaTeX; empty without keys."""
    return f"\x02{','.join(keys)}\x03" if keys else ""


def bibliography(methods: Iterable[str], more: Iterable[str] = ()) -> str:
    """BibTeX of the papers of `methods`, the dispersion paper, swither, and `more` keys; each once.

    Args:
        methods: names of methods, with or without settings; a method of somebody's own has no paper here.
        more: keys of further papers.
    """
    keys = ["zolfaghari2021dispersion", "swither"]
    keys += [key for method in methods for key in OF_METHODS.get(method.partition(":")[0], ())]
    keys += more
    return "\n".join(REFERENCES[key].bibtex for key in sorted(set(keys)))
