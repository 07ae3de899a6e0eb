"""How true probes are: against a stand-in that wrote down when each token left, on one clock."""

from statistics import median

from tests.providers.stats import test_probe_truth as truth

ROW = "{:<12}{:>14}{:>14}{:>16}{:>16}"


def measure() -> None:
    print("probes of a first token after 300 ms and 60 tokens a second; by how much they are off")
    print(ROW.format("in parallel", "TTFT, median", "TTFT, most", "rate, median", "rate, most"))
    for number in (1, 10, 50):
        pairs = truth.in_parallel(number)
        ttft = [abs(pair.ttft_off_ms) for pair in pairs]
        rate = [abs(pair.rate_error) * 3 for pair in pairs]
        print(
            ROW.format(
                number,
                f"{median(ttft):.2f} ms",
                f"{max(ttft):.2f} ms",
                f"{median(rate):.3f} %",
                f"{max(rate):.3f} %",
            )
        )
    print()


if __name__ == "__main__":
    measure()
