#!/bin/sh
# Installs the Sallyport agent and enrols this device.
#
#   sh install.sh --token-file FILE      the enrolment token is in FILE
#   sh install.sh <FILE                  the same, from standard input
#
# The token is never an argument: arguments can be read by every user of the machine. Everything stands inside
# one pair of braces, so that a download that was cut off does nothing at all.
{
set -eu
umask 077

server='@SERVER@'
server_host='@SERVER_HOST@'
server_port='@SERVER_PORT@'
internal_name='@INTERNAL_NAME@'
version='@VERSION@'
architecture='@ARCHITECTURE@'
package='@PACKAGE@'
package_sha256='@SHA256@'
package_path='@PACKAGE_PATH@'

die() {
    echo "sallyport: $1" >&2
    exit 1
}

usage() {
    cat <<'END'
usage: install.sh [--token-file FILE]

Installs the Sallyport agent and enrols this device. Without --token-file the enrolment token is read from
standard input.
END
}

write_ca() {
    cat >"$1" <<'END_OF_CA'
@CA_PEM@
END_OF_CA
}

need() {
    command -v "$1" >/dev/null 2>&1 || die "\`$1\` is needed and not there"
}

check_system() {
    [ "$(id -u)" = 0 ] || die 'this must be run as root, for instance with sudo'
    for tool in dpkg head mktemp sha256sum; do
        need "$tool"
    done
    machine=$(dpkg --print-architecture)
    [ "$machine" = "$architecture" ] || die "this installer is for $architecture, the machine is $machine"
}

# Leaves the token in the file $2. $1 names a file; empty means standard input.
read_token() {
    if [ -n "$1" ]; then
        [ -f "$1" ] && [ -r "$1" ] || die "cannot read the token file \`$1\`"
        head -c 4097 <"$1" >"$2"
    elif [ -t 0 ]; then
        die 'no enrolment token: use --token-file FILE, or give it on standard input'
    else
        head -c 4097 >"$2"
    fi
    [ -s "$2" ] || die 'no enrolment token: use --token-file FILE, or give it on standard input'
    [ "$(wc -c <"$2")" -le 4096 ] || die 'the enrolment token is too long; is this the right file?'
    [ "$(tr -d 'A-Za-z0-9._~+/=\n-' <"$2" | wc -c)" -eq 0 ] ||
        die 'the enrolment token has characters no token has; is this the right file?'
}

# Only the authority in this script is asked who the server is. Proxies, redirects and configuration files of
# the user have no say, and no answer is longer than the limit.
fetch() {
    if command -v curl >/dev/null 2>&1; then
        curl -q --fail --silent --show-error --noproxy '*' --proto '=https' --max-redirs 0 \
            --connect-timeout 20 --max-time 900 --max-filesize 134217728 \
            --cacert "$1" --capath "$work/no-other-roots" --connect-to "$internal_name:$server_port:$server_host:$server_port" \
            --output "$2" "https://$internal_name:$server_port$package_path"
    elif command -v wget >/dev/null 2>&1; then
        # wget cannot be told to look for the internal name; the SHA-256 below decides in any case.
        (
            ulimit -f 262144
            wget --no-config --quiet --no-proxy --https-only --max-redirect=0 --tries=3 --timeout=20 \
                --ca-certificate="$1" --output-document="$2" "$server$package_path"
        )
    else
        die '`curl` or `wget` is needed and neither is there'
    fi
}

check_hash() {
    actual=$(sha256sum <"$1")
    [ "${actual%% *}" = "$package_sha256" ] ||
        die "what $server sent is not the package it should be (SHA-256 ${actual%% *}); nothing was installed"
}

install_package() {
    DEBIAN_FRONTEND=noninteractive dpkg -i "$1" </dev/null ||
        die 'dpkg could not install the package; `apt-get -f install` brings what it needs, then run this again'
    PATH=$PATH:/usr/sbin:/sbin
}

enroll() {
    sallyport-agent enroll --server "$server" --token-file "$1" --ca "$2" ||
        die 'the agent is installed, but this device could not be enrolled'
    if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
        systemctl restart sallyport-agent.service || die 'the device is enrolled, but the agent did not start'
        echo 'sallyport: this device is enrolled and the agent is running'
    else
        echo 'sallyport: this device is enrolled; no systemd here, so have `sallyport-agent run` started'
    fi
}

main() {
    token_file=
    while [ $# -gt 0 ]; do
        case $1 in
            --token-file)
                [ $# -ge 2 ] && [ -n "$2" ] || die '--token-file needs the name of a file'
                token_file=$2
                shift 2
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            # Not repeated in the message: it may be a token.
            *) die 'unknown argument; see --help. A token is never given as an argument' ;;
        esac
    done
    check_system
    work=$(mktemp -d) || die 'cannot make a temporary directory'
    trap 'rm -rf -- "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    read_token "$token_file" "$work/token"
    write_ca "$work/ca.pem"
    # Debian's curl adds the system's roots to --cacert unless told of another folder.
    mkdir "$work/no-other-roots"
    echo "sallyport: fetching sallyport-agent $version from $server"
    fetch "$work/ca.pem" "$work/$package" || die "cannot fetch the package from $server"
    check_hash "$work/$package"
    install_package "$work/$package"
    enroll "$work/token" "$work/ca.pem"
}

main "$@"
}
