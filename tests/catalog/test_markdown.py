import re

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown import render

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<p style=position:fixed>x</p>",
    "<span class='s' onclick=alert(1)>x</span>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](&#106;avascript:alert(1))",
    "![x](javascript:alert(1))",
    '![x](x" onerror="alert(1))',
    '[x](https://a.example "t" onclick="alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "```html onmouseover=alert(1)\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "x\x02wzxhzdk:0\x03<script>alert(1)</script>",
]
ALLOWED = {
    "html", "head", "body", "p", "br", "hr", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li",
    "strong", "em", "del", "sub", "sup", "abbr", "dl", "dt", "dd", "code", "pre", "span", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def faults(html: str) -> list[str]:
    """What a browser would run, load or obey in it."""
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag not in ALLOWED:
            found.append(f"element {element.tag}")
        for name, value in element.attrib.items():
            if name not in {"href", "title", "rel", "class", "start"}:
                found.append(f"attribute {name}")
            if name == "href" and not re.match(r"(https?:|mailto:|[^:]*\Z)", value):
                found.append(f"address {value}")
    return found


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_gets_through(attack: str) -> None:
    assert faults(render(attack)) == []


def test_the_check_sees_attacks() -> None:
    seen = [attack for attack in ATTACKS if attack.startswith("<") and faults(attack)]
    assert len(seen) > 20


@given(st.text(alphabet="<>\"'&;:/()[]!`*_#=- \njavscriptonl\x02\x03", max_size=200))
def test_no_text_gets_through(text: str) -> None:
    assert faults(render(text)) == []


def test_raw_html_reads_as_typed() -> None:
    assert render("a <b>bold</b> claim") == "<p>a &lt;b&gt;bold&lt;/b&gt; claim</p>"


def test_prose_keeps_its_structure() -> None:
    html = render("One **two** `three`\n\n- a\n- b\n\n| h |\n|---|\n| c |\n")
    for part in ("<strong>two</strong>", "<code>three</code>", "<li>a</li>", "<th>h</th>"):
        assert part in html


def test_headings_start_below_the_pages_own() -> None:
    assert render("# One\n\n## Two") == "<h3>One</h3>\n<h3>Two</h3>"


def test_links_pass_on_no_weight() -> None:
    assert render("[docs](https://a.example/?a=1&b=2)") == (
        '<p><a href="https://a.example/?a=1&amp;b=2" rel="nofollow noopener">docs</a></p>'
    )


def test_code_blocks_have_the_two_colours_of_samples() -> None:
    html = render('```python\nimport os  # why\nprint("<a>")\n```')
    assert '<span class="q">import</span>' in html
    assert '<span class="s">"&lt;a&gt;"</span>' in html


def test_a_code_block_in_an_unknown_language_stays_one_colour() -> None:
    assert "<span" not in render("```no-such-language\nimport os\n```")


def test_lists_nested_absurdly_deep_are_shown_as_typed() -> None:
    deep = "\n".join("    " * level + "- a" for level in range(400))
    assert render(deep).startswith("<p>- a")


def test_nothing_comes_of_nothing() -> None:
    assert render(" \n") == ""
