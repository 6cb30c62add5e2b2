"""An application with python3-saml or pysaml2 (named first): a JSON line in for each thing it is to do, one out with what
came of it. What the library raises is told."""

import json
import sys
import tempfile
import urllib.parse


class Onelogin:
    """python3-saml."""

    def __init__(self, config):
        from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser as Parser
        from onelogin.saml2.settings import OneLogin_Saml2_Settings as Settings

        self.config = config
        self.settings = {
            "strict": True,
            "sp": {
                "entityId": config["entity_id"],
                "assertionConsumerService": {"url": config["acs"]},
                "singleLogoutService": {"url": config["slo"]},
                "NameIDFormat": config["format"],
                "x509cert": config["certificate"],
                "privateKey": config["key"],
            },
            "idp": Parser.parse(config["idp_metadata"])["idp"],
            "security": {
                "authnRequestsSigned": True,
                "logoutRequestSigned": True,
                "logoutResponseSigned": True,
                "wantAssertionsSigned": True,
                "wantMessagesSigned": config["response_signed"],
                "wantAssertionsEncrypted": config["encrypted"],
                "requestedAuthnContext": False,
                "rejectDeprecatedAlgorithm": True,
            },
        }
        self.own = Settings(self.settings, sp_validation_only=True)

    def auth(self, url, query="", form=None):
        from onelogin.saml2.auth import OneLogin_Saml2_Auth as Auth

        parts = urllib.parse.urlsplit(url)
        request = {
            "https": "on",
            "http_host": parts.netloc,
            "script_name": parts.path,
            "get_data": dict(urllib.parse.parse_qsl(query)),
            "post_data": form or {},
            "query_string": query,
            "validate_signature_from_qs": True,
        }
        return Auth(request, self.settings)

    def metadata(self):
        return self.own.get_sp_metadata().decode()

    def request(self, relay_state):
        auth = self.auth(self.config["acs"])
        url = auth.login(return_to=relay_state)
        return {"id": auth.get_last_request_id(), "url": url}

    def consume(self, response, request_id):
        auth = self.auth(self.config["acs"], form={"SAMLResponse": response})
        auth.process_response(request_id=request_id)
        if auth.get_errors():
            raise ValueError(auth.get_last_error_reason())
        return {
            "name_id": auth.get_nameid(),
            "format": auth.get_nameid_format(),
            "attributes": auth.get_attributes(),
            "session_index": auth.get_session_index(),
        }

    def logout(self, name_id, format, session_index):
        auth = self.auth(self.config["slo"])
        url = auth.logout(name_id=name_id, session_index=session_index, name_id_format=format)
        return {"id": auth.get_last_request_id(), "url": url}

    def logged_out(self, query, request_id):
        auth = self.auth(self.config["slo"], query)
        auth.process_slo(request_id=request_id)
        if auth.get_errors():
            raise ValueError(auth.get_last_error_reason())
        return {}

    def log_out(self, query):
        ended = []
        auth = self.auth(self.config["slo"], query)
        url = auth.process_slo(delete_session_cb=lambda: ended.append(True))
        if auth.get_errors() or not ended:
            raise ValueError(auth.get_last_error_reason())
        return {"url": url}


class Pysaml2:
    """pysaml2, which signs and verifies by xmlsec1."""

    def __init__(self, config):
        from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, xmldsig
        from saml2.client import Saml2Client
        from saml2.config import SPConfig

        self.post, self.redirect = BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
        self.algorithm = xmldsig.SIG_RSA_SHA256
        self.files = tempfile.TemporaryDirectory()
        key, certificate = f"{self.files.name}/key.pem", f"{self.files.name}/certificate.pem"
        for name, text in ((key, config["key"]), (certificate, config["certificate"])):
            with open(name, "w", encoding="ascii") as file:
                file.write(text)
        service = {
            "endpoints": {
                "assertion_consumer_service": [(config["acs"], BINDING_HTTP_POST)],
                "single_logout_service": [(config["slo"], BINDING_HTTP_REDIRECT)],
            },
            "name_id_format": [config["format"]],
            "authn_requests_signed": True,
            "logout_requests_signed": True,
            "logout_responses_signed": True,
            "want_assertions_signed": True,
            "want_response_signed": config["response_signed"],
            "allow_unsolicited": False,
            "signing_algorithm": self.algorithm,
            "digest_algorithm": xmldsig.DIGEST_SHA256,
        }
        self.config = SPConfig().load(
            {
                "entityid": config["entity_id"],
                "allow_unknown_attributes": True,
                "service": {"sp": service},
                "key_file": key,
                "cert_file": certificate,
                "encryption_keypairs": [{"key_file": key, "cert_file": certificate}],
                "metadata": {"inline": [config["idp_metadata"]]},
                "http_client_timeout": 5,
            }
        )
        # Who signed a request it looks at only where this is set, which is meant for the other side of the protocol.
        self.config.setattr("idp", "want_authn_requests_signed", True)
        self.idp = config["idp"]
        self.client = Saml2Client(self.config)
        self.name_id = None

    def metadata(self):
        from saml2.metadata import entity_descriptor

        return str(entity_descriptor(self.config))

    def request(self, relay_state):
        identifier, info = self.client.prepare_for_authenticate(
            self.idp, relay_state=relay_state, binding=self.redirect, sign=True, sigalg=self.algorithm
        )
        return {"id": identifier, "url": dict(info["headers"])["Location"]}

    def consume(self, response, request_id):
        answer = self.client.parse_authn_request_response(response, self.post, outstanding={request_id: "/"})
        self.name_id = answer.name_id
        return {
            "name_id": answer.name_id.text,
            "format": answer.name_id.format,
            "attributes": answer.ava,
            "session_index": answer.session_info()["session_index"],
        }

    def logout(self, name_id, format, session_index):
        begun = self.client.do_logout(
            self.name_id, [self.idp], "", None, sign=True, expected_binding=self.redirect, sign_alg=self.algorithm
        )
        _, info = begun[self.idp]
        return {"id": next(iter(self.client.state)), "url": dict(info["headers"])["Location"]}

    def logged_out(self, query, request_id):
        given = dict(urllib.parse.parse_qsl(query))
        answer = self.client.parse_logout_request_response(given["SAMLResponse"], self.redirect)
        if answer.in_response_to != request_id or not answer.status_ok():
            raise ValueError(answer.in_response_to)
        return {}

    def log_out(self, query):
        given = dict(urllib.parse.parse_qsl(query))
        info = self.client.handle_logout_request(
            given["SAMLRequest"],
            self.name_id,
            self.redirect,
            sign=True,
            sign_alg=self.algorithm,
            relay_state=given.get("RelayState"),
            sigalg=given["SigAlg"],
            signature=given["Signature"],
        )
        return {"url": dict(info["headers"])["Location"]}


service = {"python3-saml": Onelogin, "pysaml2": Pysaml2}[sys.argv[1]](json.loads(sys.stdin.readline()))
for line in sys.stdin:
    call = json.loads(line)
    try:
        told = {"answer": getattr(service, call.pop("do"))(**call)}
    except Exception as error:
        told = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(told), flush=True)
