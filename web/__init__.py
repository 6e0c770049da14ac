"""The API, the portal and the console, over HTTP."""
