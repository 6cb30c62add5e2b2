"""Names that lead to this machine, as the DNS of an organisation would have them: `{"name": "address"}`."""

import socket


def resolve(names):
    asked = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        return asked(names.get(host, host), *arguments, **options)

    socket.getaddrinfo = getaddrinfo
