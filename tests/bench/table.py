"""The table of costs: each figure, its baseline of the same run, their ratio, and the goal."""

import dataclasses
import os
import pathlib
import re
import statistics
import time


@dataclasses.dataclass(frozen=True)
class Row:
    what: str
    figure: str  # "program:benchmark:counter"
    unit: str
    beside: str = ""
    base: str = ""
    most: float = 0  # the goal: the figure over its baseline at most
    at_most: float = 0  # the goal: the figure itself at most


def served():
    for shape in ("4/32", "16/4", "64/1"):
        name = "server_bench:BM_Unary/" + shape
        what = "Decide served, " + shape.replace("/", "×")
        yield Row(what + ": CPU", name + ":us", "µs", "bare echo", name + ":echo_us", most=1.05)
        yield Row(what + ": p99", name + ":p99_us", "µs", "bare echo", name + ":echo_p99_us", most=1.1)
    socket = "server_bench:BM_Socket:"
    yield Row("Decide served over a Unix socket, 4×32: CPU", socket + "us", "µs", "over TCP", socket + "tcp_us")
    sizes = (1, 16, 64, 256)
    for size in sizes:
        name = f"server_bench:BM_Stream/{size}/omit:0"
        yield Row(f"stream of {size}: CPU of a decision", name + ":us", "µs", "the echo's stream", name + ":echo_us", most=1.3)
    for less, more in zip(sizes, sizes[1:]):
        figure, base = (f"server_bench:BM_Stream/{size}/omit:0:us" for size in (more, less))
        yield Row(f"stream of {more}: CPU of a decision", figure, "µs", f"stream of {less}", base, most=1)
    for size in sizes:
        figure, base = (f"server_bench:BM_Stream/{size}/omit:{omits}:us" for omits in (1, 0))
        yield Row(f"stream of {size}, texts and body omitted", figure, "µs", "everything sent", base)


def in_process():
    for question in ("form_result", "temporary_move_browser", "created_api", "end_user_refused"):
        for kind, most in (("", 2.5), ("/fresh", 4)):
            name = f"decide_bench:decide/{question}{kind}"
            yield Row(f"Decide in process, {question}{kind}", name + ":ns", "ns", "its URL parses", name + ":base_ns", most=most)
        figure, base = (f"decide_bench:decide/{question}{kind}:ns" for kind in ("/omit", ""))
        yield Row(f"Decide in process, {question}, texts and body omitted", figure, "ns", "everything made", base)
    for question in ("form_result", "named", "rule"):
        for base, what in (("core", "the core's answer"), ("wire", "with both messages' octets")):
            name = f"engine_bench:engine/{question}/{base}"
            yield Row(f"Decide by libfingerpost.so, {question}", name + ":ns", "ns", what, name + ":base_ns", most=0 if base == "core" else 2)
    yield Row("policy of a shop opened from octets, closed", "engine_bench:engine/open:ns", "ns", "from YAML", "engine_bench:engine/open:base_ns", most=1)
    for exchange in ("bare_get_302_relative", "get_301_same_origin", "post_303", "post_307_cross_origin", "get_302_cookie"):
        for kind, most in (("", 4 if "cookie" in exchange else 3), ("/fresh", 5)):
            name = f"follow_bench:follow/{exchange}{kind}"
            yield Row(f"Follow in process, {exchange}{kind}", name + ":ns", "ns", "its URL parses", name + ":base_ns", most=most)


def policy():
    for query in (0, 1):
        what = "map of 1 M rows" + (" with queries" if query else "")

        def goal(query=query, **limit):
            return {} if query else limit

        def name(benchmark, counter, query=query):
            return f"policy_bench:BM_{benchmark}/query:{query}:{counter}"

        bare = "unordered_map"
        yield Row(f"Decide by a {what}", name("DecideByMap", "ns"), "ns", "by a given intent", name("DecideByMap", "base_ns"), **goal(at_most=1500))
        yield Row(f"{what}: load", name("LoadPolicy", "real_time"), "ms", bare, name("LoadUnorderedMap", "real_time"), **goal(most=0.5))
        yield Row(f"{what}: memory", name("LoadPolicy", "MiB"), "MiB", bare, name("LoadUnorderedMap", "MiB"), **goal(at_most=100))
        yield Row(f"{what}: look-up", name("FindInPolicy", "cpu_time"), "ns", bare, name("FindInUnorderedMap", "cpu_time"), **goal(at_most=200))
    for count in (16, 256):
        figure, base = (f"policy_bench:BM_Patterns{kind}/{count}:cpu_time" for kind in ("", "OneByOne"))
        yield Row(f"match of {count} patterns", figure, "ns", "one by one", base)


def counting():
    for what, name in (
        ("a rule", "Rule/counted:{}/threads:1"),
        ("a rule, two threads", "Rule/counted:{}/threads:2"),
        ("no rule", "Miss/counted:{}/threads:1"),
        ("a shadow rule", "Shadow/counted:{}"),
        ("a row", "Row/counted:{}"),
    ):
        figure, base = (f"count_bench:BM_{name.format(counted)}:cpu_time" for counted in (1, 0))
        yield Row(f"answer by {what}, counted", figure, "ns", "not counted", base)
    for question in ("form_result", "named", "rule"):
        for threads, what in ((1, ""), (2, ", two threads")):
            name = f"engine_bench:engine/counted/{question}/threads:{threads}"
            yield Row(f"engine: answer by {question}{what}, counted", name + ":ns", "ns", "not counted", name + ":base_ns")
    yield Row("reload: 1 M rows' counts kept", "count_bench:BM_CarryMillionRows:real_time", "ms")


def process():
    start, swap, connections = "server_bench:BM_Start:", "swap_bench:BM_Swap:", "server_bench:BM_Connections:"
    yield Row("start to first answer", start + "ms", "ms", "bare echo, {linked}", start + "echo_ms", at_most=10)
    yield Row("memory after it", start + "MiB", "MiB", "bare echo, {linked}", start + "echo_MiB", at_most=16)
    yield Row("memory of a connection", connections + "KiB", "KiB", "bare echo", connections + "echo_KiB")
    yield Row("calls during swaps of 1 M rows: p99.9", swap + "swaps_p999", "µs", "in peace", swap + "peace_p999", most=1.5)
    yield Row("calls during swaps of 1 M rows: slowest", swap + "swaps_max", "µs", "in peace", swap + "peace_max")


def beside_peers():
    for peer in ("nginx", "HAProxy"):
        for what, counter, unit in (("CPU of a call over HTTP", "us", "µs"), ("start", "ms", "ms"), ("memory", "MiB", "MiB")):
            yield Row(f"map of 1 M rows: {what}", f"maps:fingerpostd/many:{counter}", unit, peer, f"maps:{peer}/many:{counter}")
    yield Row("Decide over HTTP/JSON: CPU", "maps:fingerpostd/one:us", "µs", "nginx's redirect", "maps:nginx/one:us")


GROWTH = Row("16 times the hostile octets: time", "hostile_bench:*:growth", "times", at_most=80)
ROWS = [*served(), *in_process(), *policy(), *process(), *beside_peers(), *counting(), GROWTH]

# Without a baseline: for the page on sizing. The counters of server_bench's BM_Scale.
SCALE = ("us", "calls_s", "p99_us", "busy", "octets_sent", "octets_received")


def values(figures, key):
    """A figure's repetitions; with * as the benchmark, the worst of them all."""
    program, benchmark, counter = key.split(":", 1)[0], key.split(":", 1)[1].rpartition(":")[0], key.rpartition(":")[2]
    if benchmark != "*":
        return figures.get(key, [])
    all_of = [found for name, found in figures.items() if name.startswith(program + ":") and name.endswith(":" + counter)]
    return [max(repetition) for repetition in zip(*all_of)]


def missing(figures):
    return [row.what for row in ROWS for key in (row.figure, row.base) if key and not values(figures, key)]


def entry(row, figures, linked, quick):
    own, base = values(figures, row.figure), values(figures, row.base) if row.base else []
    # Repetition by repetition, because what a busy machine slows it slows in both.
    ratios = [mine / its for mine, its in zip(own, base) if its]
    figure, ratio = statistics.median(own), statistics.median(ratios) if ratios else None
    limit, measured = (row.most, ratio) if row.most else (row.at_most, figure)
    judged = limit and measured is not None and not quick
    return {
        "what": row.what,
        "unit": row.unit,
        "figure": figure,
        "beside": row.beside.format(linked=linked),
        "baseline": statistics.median(base) if base else None,
        "ratio": ratio,
        "ratios": [min(ratios), max(ratios)] if ratios else None,
        "goal": f"≤ {row.most:g} ×" if row.most else f"≤ {row.at_most:g} {row.unit}" if row.at_most else None,
        "met": measured <= limit if judged else None,
    }


def of(figures, echo, quick):
    """The table of what has been measured. `echo`: the bare server's program, static if the system has the libraries."""
    linked = "dynamic" if b"libgrpc++.so" in echo.read_bytes() else "static"
    rows = [entry(row, figures, linked, quick) for row in ROWS if values(figures, row.figure)]
    scale = []
    for key in figures:
        if found := re.fullmatch(r"server_bench:BM_Scale/threads:(\d+)/connections:(\d+)/outstanding:(\d+):us", key):
            counters = {name: statistics.median(figures[key.removesuffix("us") + name]) for name in SCALE}
            scale.append(dict(zip(("threads", "connections", "outstanding"), map(int, found.groups()))) | counters)
    scale.sort(key=lambda row: (row["threads"], row["connections"], row["outstanding"]))
    return {"when": time.strftime("%F %T%z"), "machine": machine(), "quick": quick, "rows": rows, "scale": scale}


def machine():
    model = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{os.cpu_count()} × {model[1] if model else os.uname().machine}"


def number(value):
    return "" if value is None else f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def show(result):
    print(f"\n{result['when']}, {result['machine']}" + (", quick: the figures mean nothing" if result["quick"] else ""))
    print(f"{'':50}{'figure':>14}{'baseline':>10}  {'of':22}{'ratio':>6}  {'from … to':13}{'goal':>12}")
    for row in result["rows"]:
        spread = "{} … {}".format(*map(number, row["ratios"])) if row["ratios"] else ""
        met = {None: "", True: "met", False: "NOT MET"}[row["met"]]
        print(
            f"{row['what']:50}{number(row['figure']):>8} {row['unit']:5}{number(row['baseline']):>10}  {row['beside']:22}"
            f"{number(row['ratio']):>6}  {spread:13}{row['goal'] or '':>12}  {met}".rstrip()
        )
    goals = [row["met"] for row in result["rows"] if row["met"] is not None]
    print(f"{sum(goals)} of {len(goals)} goals met\n" if goals else "")
    # As in helm/README.md.
    print("| threads | connections × calls on each | calls/s | threads' use | CPU of a call | p99 | octets to and fro |")
    print("|---|---|---|---|---|---|---|")
    for row in result["scale"]:
        print(
            f"| {row['threads']} | {row['connections']} × {row['outstanding']} | {row['calls_s']:,.0f} | {row['busy']:.0%} | {row['us']:.1f} µs "
            f"| {row['p99_us'] / 1000:.1f} ms | {row['octets_sent']:.0f} + {row['octets_received']:.0f} |"
        )
    print(flush=True)


def judge_growth(result):
    """Hostile input costs time linear in its size: 16 times the octets 16 times the time, apart from memory; 256 would be quadratic."""
    growth = [row for row in result["rows"] if row["what"] == GROWTH.what]
    linear = bool(growth) and growth[0]["met"]
    print("ok growth" if linear else "not ok growth: the cost of hostile input grows faster than its size")


def compare(before, after):
    """Every ratio then and now, or the figure where there is none. Less is better in all of them."""
    if before["quick"] or after["quick"]:
        print("not ok compare: a quick table has no figures")
        return

    def measured(result):
        return {(row["what"], row["beside"]): row["ratio"] or row["figure"] for row in result["rows"]}

    then, now = measured(before), measured(after)
    print(f"{'':50}{'beside':24}{'then':>8}{'now':>8}{'change':>8}")
    worse = []
    for key, value in now.items():
        if not then.get(key):
            continue
        change = value / then[key] - 1
        print(f"{key[0]:50}{key[1]:24}{number(then[key]):>8}{number(value):>8}{change:+8.0%}")
        if change > 0.1:
            worse.append((key, change))
    gone = then.keys() - now.keys()
    print(flush=True)
    for (what, beside), change in worse:
        print(f"not ok {what} beside {beside or 'nothing'}: {change:.0%} worse than before")
    for what, _ in gone:
        print(f"not ok {what}: it was measured before")
    if not worse and not gone:
        print("ok nothing is worse by more than a tenth")
