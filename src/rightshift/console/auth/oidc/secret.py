"""The client secret of a provider as it is kept. It is opened only to be sent to the issuer that it was given for."""

from rightshift.console.store.read.identity_providers import Provider
from rightshift.console.vault import Vault


def sealed(vault: Vault, provider: str, issuer: str, secret: str) -> bytes:
    """Enciphered, for this provider and issuer alone."""
    return vault.seal(secret.encode(errors="surrogatepass"), _purpose(provider, issuer))


def opened(vault: Vault, provider: Provider) -> str:
    """Raises: VaultError."""
    return vault.open(provider.sealed, _purpose(provider.name, provider.about.issuer)).decode(errors="surrogatepass")


def _purpose(provider: str, issuer: str) -> str:
    return f"oidc:{provider}:{issuer}"
