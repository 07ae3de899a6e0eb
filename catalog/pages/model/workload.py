"""What a reader's workload costs at each seller of the model."""

from collections.abc import Iterable, Iterator

from catalog.pages.costs import CostTable, Offered, cost_table
from catalog.pages.model.lines import Seller, route_name, variant_of
from catalog.pages.model.reads import Reads
from catalog.pages.model.table import Choice
from catalog.queries.model import Sold
from catalog.workload import KINDS, Workload
from providers.choices import Group
from providers.queries import PriceRow


def has_workload(reads: Reads) -> bool:
    """Whether what the model does is counted as a workload counts."""
    return reads.model.kind in KINDS and bool(reads.on_sale())


def costs(reads: Reads, sold_by: Iterable[Seller], choice: Choice) -> CostTable | None:
    """Every seller, the least first; None unless the address describes a workload."""
    if choice.workload is None or not has_workload(reads):
        return None

    def speakers(row: PriceRow) -> tuple[int, ...]:
        claim = reads.voices.claim(row.claim_id)
        return reads.voices.agreeing(claim) if claim else (row.source_id,)

    return cost_table(
        choice.workload,
        [_offered(reads, seller, choice.workload) for seller in sold_by],
        signs=reads.signs,
        exchange=reads.exchange,
        speakers=speakers,
        now=reads.now,
        bill=choice.bill,
        kept=choice.pairs(),
    )


def _offered(reads: Reads, seller: Seller, workload: Workload) -> Offered:
    sold, sells = _id_for(seller, workload)
    endpoint = sold.endpoint
    return Offered(
        id=endpoint.pk,
        label=route_name(endpoint),
        native_id=endpoint.native_id,
        provider=endpoint.provider.slug,
        kind=reads.model.kind,
        prices=reads.prices.get(endpoint.pk, ()),
        in_plan=seller.group is Group.PLAN,
        sells=sells,
    )


def _id_for(seller: Seller, workload: Workload) -> tuple[Sold, str]:
    """The seller's plainest id, or one that is the tier or the region asked for by itself."""
    conditions = [line.condition for line in seller.lines if line.sold == seller.first.sold]
    known = {condition.tier for condition in conditions}
    known |= {condition.region for condition in conditions}
    for asked in (workload.tier, workload.region):
        if asked and asked not in known:
            for sold in _ids(seller):
                if variant_of(sold) == asked:
                    return sold, asked
    return seller.first.sold, ""


def _ids(seller: Seller) -> Iterator[Sold]:
    return (line.sold for line in seller.lines if line.own)
