"""The pages that tests of the whole site look at: one of every kind."""

from tests.measurements import MODEL, PROVIDER

MAIN_PAGES = (
    "/",
    "/models/",
    "/models/?q=gpt4o+mini&reads=image&order=input",
    "/models/?q=no+such+thing",
    "/models/openai/gpt-4o-mini/",
    "/models/openai/gpt-oss-120b/",  # sold by more than any other
    "/models/deepseek/deepseek-v4-pro/",  # its author's price changes with the hour
    "/models/openai/gpt-4o-mini/?workload=agent",
    "/models/openai/gpt-oss-120b/?workload=batch",
    "/models/openai/gpt-image-1/",
    "/models/openai/text-embedding-3-small/",
    "/authors/openai/",
    "/providers/",
    "/providers/azure/",
    "/providers/deepseek/",  # prices by the hour
    "/models/openai/gpt-4o-mini/?as_of=2026-03-01",
    "/models/?as_of=2025-06-01",
    "/compare/",
    "/compare/?model=openai/gpt-4o-mini&model=openai/o4-mini&model=google/gemini-2.5-flash",
    "/compare/?model=openai/gpt-4o-mini&model=openai/o4-mini&workload=rag",
    "/calendar/",
    "/changes/",
    "/changes/?kind=new&from=2026-09-01&to=2026-11-14",
    "/sources/",
    "/disagreements/",
    "/disagreements/?of=any&cause=explained&league=provider&page=2",
    "/disagreements/?provider=nobody",
    "/parameters/",
    "/about/metrics/",
    "/rankings/",
    "/rankings/?by=push",
    "/models/openai/gpt-4o-mini/performance/",  # never measured
    f"/models/{MODEL}/",  # with live columns
    f"/models/{MODEL}/performance/",
    f"/models/{MODEL}/performance/?by=push&over=30d&uptime=30d",
    f"/providers/{PROVIDER}/",
    "/about/sending/",
    "/provenance/?model=openai/gpt-4o-mini&key=context_length",
    "/provenance/?provider=azure",
    "/report/?model=openai/gpt-4o-mini&key=knowledge_cutoff&shown=2023&path=/models/",
    "/report/sent/?path=/models/",
    "/no-such-page/",
)
