# Takes Sallyport out of the PAM configuration and looks for itself whether that worked: a stack that names a
# module which is about to go would refuse every login.
disable_login() {
    if [ -x "$root/usr/sbin/sallyport-agent" ]; then
        "$root/usr/sbin/sallyport-agent" login disable ||
            echo "$DPKG_MAINTSCRIPT_PACKAGE: \`sallyport-agent login disable\` failed" >&2
    fi
    if [ -d "$root/etc/pam.d" ] &&
        grep -RsE --exclude='*.dpkg-*' --exclude='*~' '^[^#]*pam_sallyport' "$root/etc/pam.d" >&2; then
        echo "$DPKG_MAINTSCRIPT_PACKAGE: PAM still uses pam_sallyport (see above); removing now would lock" >&2
        echo "everybody out. Take these lines out, then remove the package again." >&2
        exit 1
    fi
}
