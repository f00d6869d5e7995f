"""The API described for programs: /api/v1/openapi.json (OpenAPI 3.1)."""
from starlette.routing import Route
def routes() -> list[Route]:
    return []
