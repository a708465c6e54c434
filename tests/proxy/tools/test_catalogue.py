"""Names: what several servers offer together, and what a model means by a name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.tools.catalogue import Ambiguous, Catalogue, Listing, Place, fits, offered


def tools(*names: str) -> tuple[dict[str, str], ...]:
    return tuple({"name": name} for name in names)


def catalogue(**servers: tuple[str, ...]) -> Catalogue:
    return Catalogue({name: Listing(tools(*names)) for name, names in servers.items()})


def test_a_name_that_one_server_has_stays() -> None:
    """And one that two have is prefixed for both; asked by its bare name, it is told apart."""
    offer = catalogue(shop=("search", "buy"), web=("search", "fetch")).tools
    assert list(offer.items) == ["shop_search", "buy", "web_search", "fetch"]
    assert offer.find("web_search")[0] == Place("web", "search")
    with pytest.raises(Ambiguous) as told:
        offer.find("search")
    assert told.value.args[0] == ("shop_search", "web_search")
    with pytest.raises(KeyError):
        offer.find("sell")


def test_a_prefixed_name_that_is_taken_is_numbered() -> None:
    """No tool hides another one."""
    offer = catalogue(a=("x", "b_x"), b=("x",)).tools
    assert {name: place for name, (place, _) in offer.items.items()} == {
        "a_x": Place("a", "x"),
        "b_x": Place("a", "b_x"),
        "b_x_2": Place("b", "x"),
    }


NAMES = st.sampled_from(["a", "b", "a_b", "b_a", "a_a", "x", "x_2"])


@given(st.dictionaries(NAMES, st.lists(NAMES, unique=True), max_size=4))
@settings(deadline=None, max_examples=60)
def test_every_tool_has_one_name_whatever_the_clash(servers: dict[str, list[str]]) -> None:
    """As many names as tools, and the same ones each time."""
    things = [(name, tools(*names)) for name, names in servers.items()]
    items = offered(things).items
    assert len(items) == sum(len(names) for names in servers.values())
    assert {place for place, _ in items.values()} == {Place(s, t) for s, names in servers.items() for t in names}
    assert offered(things).items == items


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [
        ("search", {Place("shop", "search"), Place("web.org", "search")}),
        ("shop_search", {Place("shop", "search")}),
        ("mcp__shop__search", {Place("shop", "search")}),
        ("mcp__outrider__shop_search", {Place("shop", "search")}),
        ("web_org_search", {Place("web.org", "search")}),
        ("mcp__web_org__search", {Place("web.org", "search")}),
        ("web.org.search", {Place("web.org", "search")}),
        ("mcp__outrider__get_item", {Place("shop", "get_item")}),
        ("outrider.item", {Place("shop", "item")}),
        ("shop/get_item", {Place("shop", "get_item")}),
        ("research", set()),
        ("bash", set()),
        ("", set()),
    ],
)
def test_a_model_speaks_the_name_its_client_made(spoken: str, meant: set[Place]) -> None:
    """The longest name that fits counts, and the server that is named before it."""
    offers = catalogue(**{"shop": ("search", "get_item", "item"), "web.org": ("search",)})
    assert set(offers.resolve(spoken)) == meant


def test_a_resource_is_found_at_its_server() -> None:
    """By its address, by a template that fits; with one server there is no question."""
    listings = {
        "a": Listing(resources=({"uri": "a://1"},)),
        "b": Listing(templates=({"uriTemplate": "b://item/{number}"},), resources=({"uri": "a://1", "name": "x"},)),
    }
    both = Catalogue(listings)
    assert [both.holder(uri) for uri in ("a://1", "b://item/7", "c://x")] == ["a", "b", ""]
    assert both.resources("resources") == [{"uri": "a://1"}]
    assert Catalogue({"a": listings["a"]}).holder("c://x") == "a"


def test_templates() -> None:
    """Every expression stands for any text; all else is meant as written."""
    assert fits("a://{x}/b{?y}", "a://1/b?y=2")
    assert not fits("a://{x}/b", "a://1/c")
    assert not fits("", "")
    assert not fits("a.b/{x}", "aXb/1")
