"""Does what an application with Authlib does: finds out about the provider, begins a sign-in, and goes on where the browser comes
back. Reads its configuration and what it is to do from standard input; prints one JSON line a call."""

import json
import sys

from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey


class Relying(OAuth2Mixin, OpenIDMixin, BaseApp):
    """What Authlib's integrations of web frameworks are made of, without a framework."""

    client_cls = OAuth2Session


class Verbs:
    def __init__(self, config):
        self.config = config
        method = config["authentication"]
        secret, methods = config.get("client_secret"), None
        if method == "private_key_jwt":
            kind, algorithm = (ECKey, "ES256") if config["key"]["kty"] == "EC" else (RSAKey, "RS256")
            secret = kind.import_key(config["key"])
            methods = [PrivateKeyJWT(alg=algorithm, headers={"kid": config["key"]["kid"]})]
        self.app = Relying(
            self,
            client_id=config["client_id"],
            client_secret=secret if method != "none" else None,
            client_auth_methods=methods,
            server_metadata_url=get_well_known_url(config["issuer"], external=True),
            client_kwargs={
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": method,
                "revocation_endpoint_auth_method": method,
            },
        )

    def update_token(self, token, refresh_token=None, access_token=None):
        """A framework would keep it."""

    def session(self):
        return self.app._get_oauth_client(**self.app.load_server_metadata())

    def metadata(self):
        told = self.app.load_server_metadata()
        OpenIDProviderMetadata(told).validate()
        return told

    def begin(self, scope="openid", **parameters):
        return self.app.create_authorization_url(self.config["redirect_uri"], scope=scope, **parameters)

    def redeem(self, callback, begun):
        tokens = self.app.fetch_access_token(
            self.config["redirect_uri"],
            authorization_response=callback,
            state=begun["state"],
            code_verifier=begun["code_verifier"],
        )
        claims = self.app.parse_id_token(tokens, nonce=begun["nonce"])
        return {"tokens": tokens, "claims": claims, "person": self.app.userinfo(token=tokens)}

    def refresh(self, token, **parameters):
        with self.session() as session:
            return session.refresh_token(refresh_token=token, **parameters)

    def userinfo(self, token):
        return self.app.userinfo(token={"access_token": token, "token_type": "Bearer"})

    def credentials(self, **parameters):
        return self.app.fetch_access_token(grant_type="client_credentials", **parameters)

    def introspect(self, token):
        with self.session() as session:
            answer = session.introspect_token(session.metadata["introspection_endpoint"], token=token)
            answer.raise_for_status()
            return answer.json()

    def revoke(self, token):
        with self.session() as session:
            session.revoke_token(session.metadata["revocation_endpoint"], token=token).raise_for_status()
            return {}

    def access(self, token, audience):
        """As a resource server looks at an access token that is a JWT (RFC 9068)."""
        keys = KeySet.import_key_set(self.app.fetch_jwk_set())
        read = jwt.decode(token, keys)
        issuer = self.app.load_server_metadata()["issuer"]
        options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": audience}}
        claims = JWTAccessTokenClaims(read.claims, read.header, options)
        claims.validate()
        return claims


def main():
    config = json.load(sys.stdin)
    verbs = Verbs(config)
    for call in config["calls"]:
        try:
            told = {"answer": getattr(verbs, call["verb"])(**call["given"])}
        except Exception as error:  # Whatever the library raises is what a test wants to hear.
            status = getattr(getattr(error, "response", None), "status_code", None)
            told = {
                "error": {
                    "name": type(error).__name__,
                    "message": str(error),
                    "word": getattr(error, "error", None),
                    "status": status,
                }
            }
        print(json.dumps(told))


main()
