"""The words that the demo is made of: no real person, no address outside the reserved ranges."""

from __future__ import annotations

ADJECTIVES = (
    "amber", "brisk", "calm", "clever", "coral", "dapper", "eager", "early", "fair", "fleet",
    "gentle", "glad", "golden", "humble", "ivory", "jolly", "keen", "kind", "lively", "lucky",
    "mellow", "merry", "mild", "nimble", "noble", "olive", "patient", "plucky", "quick", "quiet",
    "rapid", "rustic", "sandy", "silent", "silver", "sunny", "swift", "tidy", "vivid", "witty",
)  # fmt: skip
ANIMALS = (
    "badger", "beaver", "bison", "crane", "dolphin", "falcon", "ferret", "finch", "fox", "gecko",
    "heron", "ibex", "jackal", "koala", "lark", "lemur", "lynx", "magpie", "marmot", "marten",
    "mole", "newt", "otter", "owl", "panda", "petrel", "pika", "plover", "puffin", "quail",
    "raven", "robin", "salmon", "seal", "sparrow", "stork", "swan", "tapir", "turtle", "wren",
)  # fmt: skip
MAIL_DOMAINS = ("example.com", "example.org", "example.net")
IPV4_PREFIXES = ("192.0.2", "198.51.100", "203.0.113")

COUNTRIES = {
    "CN": 34, "US": 15, "DE": 10, "IN": 9, "BR": 7, "GB": 7, "FR": 6, "JP": 4, "CA": 3, "ES": 2,
    "IT": 2, "NL": 1,
}  # fmt: skip
CURRENCIES = {
    "CN": "CNY", "DE": "EUR", "FR": "EUR", "ES": "EUR", "IT": "EUR", "NL": "EUR", "GB": "GBP",
    "IN": "INR", "BR": "BRL", "JP": "JPY", "CA": "CAD",
}  # fmt: skip

SDK_AGENTS = (
    "python-requests/2.32.3",
    "python-httpx/0.28.1",
    "node-fetch/3.3.2",
    "Go-http-client/2.0",
    "curl/8.9.1",
    "okhttp/4.12.0",
)
BROWSER_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) WebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)
PATHS = (
    "/",
    "/login",
    "/dashboard",
    "/dashboard/usage",
    "/keys",
    "/billing",
    "/billing/top-up",
    "/docs",
)

MODELS = {"atlas-large": 4, "atlas-mini": 1, "lyra-chat": 2, "lyra-code": 3, "tessera-embed": 1}
KEY_LABELS = ("default", "production", "staging", "laptop", "ci", "notebook", "backup")
PROCESSORS = ("card-processor", "wallet-processor", "bank-transfer")

PROMPTS = (
    "Summarise these meeting notes in five bullet points: {topic}.",
    "Write a function that checks {topic} and explain how it works.",
    "Translate this paragraph about {topic} into plain English.",
    "Draft a polite reply to a customer who asks about {topic}.",
    "List the risks of {topic}, the worst first.",
    "Give me three names for a small tool for {topic}.",
)
ANSWERS = (
    "Here is a first version for {topic}. It covers the usual cases; say which matter most.",
    "Three things stand out about {topic}: how often it happens, its cost, and who notices first.",
    "In short: {topic} is easier when it is done in small steps, each with a check of its own.",
    "A good start for {topic} is to write down what must never happen, and to test exactly that.",
)
TOPICS = (
    "opening hours", "invoice totals", "a garden plan", "delivery routes", "train times",
    "recipe scaling", "unit conversion", "a release checklist", "spare parts", "weather data",
    "a reading list", "shift plans", "a water meter", "translation memory", "log rotation",
    "a school timetable",
)  # fmt: skip
QUESTIONS = {
    "Invoice for last month": "Where can I download the invoice for {topic}? I only see the total.",
    "Rate limit": "My calls for {topic} get status 429 since yesterday. Can I raise the limit?",
    "Wrong model in the bill": "The bill lists a model that I never used for {topic}.",
    "How do I delete a key": "I made a key for {topic} and no longer need it. How do I delete it?",
    "What do you store": "Do you keep what I send you about {topic}, and for how long?",
}
