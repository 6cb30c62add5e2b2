# The life of both packages on a device without systemd, told in lines that the test compares. Runs in mount
# and pid namespaces of its own; everything that changes is on a tmpfs.
set -eu
# As inside the agent's unit, where a command may be what installs us.
umask 077
work=$1

skip() {
    echo "SKIPPED: $1"
    exit 0
}

mount -t tmpfs tmpfs "$work" 2>/dev/null || skip 'cannot mount a tmpfs'
mkdir "$work/upper" "$work/work" "$work/root" "$work/debs"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root" 2>/dev/null ||
    skip 'cannot mount an overlay of the root file system'
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
cp "$2"/*.deb "$root/tmp/"

device() {
    DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"
}

quietly() {
    device "$@" >"$work/output" 2>&1 || {
        cat "$work/output"
        echo "FAILED: $*"
        exit 1
    }
}

facts() {
    for path in "$@"; do
        device stat -c '%A %U:%G %n' "$path" 2>/dev/null || echo "absent $path"
    done
}

pam() {
    grep -c pam_sallyport "$root/etc/pam.d/sallyport-test" || true
}

status() {
    device dpkg-query -W -f '${db:Status-Abbrev}${Package} ${Version}\n' "$1"
}

echo 'auth required pam_unix.so' >"$root/etc/pam.d/sallyport-test"

echo '# install, twice'
quietly dpkg -i /tmp/agent_1.deb
quietly dpkg -i /tmp/agent_1.deb
status sallyport-agent
device getent passwd sallyport-agent | cut -d: -f6,7
facts /usr/sbin/sallyport-agent /lib/systemd/system/sallyport-agent.service /etc/sallyport \
    /var/lib/sallyport /var/lib/sallyport/net
[ -L "$root/etc/systemd/system/multi-user.target.wants/sallyport-agent.service" ] && echo 'unit enabled'
device dpkg --verify sallyport-agent && echo verified

echo '# login component'
quietly dpkg -i /tmp/login_1.deb
status sallyport-login
echo "pam lines: $(pam)"
ls "$root"/lib/*/security/pam_sallyport.so >/dev/null && echo 'module beside the others'

echo '# upgrade of both, agent first'
echo key >"$root/var/lib/sallyport/device.key"
quietly dpkg -i /tmp/agent_2.deb
quietly dpkg -i /tmp/login_2.deb
status sallyport-agent
status sallyport-login
echo "pam lines: $(pam)"

echo '# the agent alone cannot go while login needs it'
if device dpkg -r sallyport-agent >/dev/null 2>&1; then echo removed; else echo refused; fi

echo '# an agent that cannot undo its PAM lines keeps login installed'
touch "$root/run/break-disable"
if device dpkg -r sallyport-login >/dev/null 2>&1; then echo removed; else echo refused; fi
status sallyport-login
echo "pam lines: $(pam)"
rm "$root/run/break-disable"

echo '# removal of both in one call'
quietly dpkg -r sallyport-agent sallyport-login
echo "pam lines: $(pam)"
facts /usr/sbin/sallyport-agent /var/lib/sallyport/device.key
device getent passwd sallyport-agent >/dev/null && echo 'user kept'

echo '# purge'
quietly dpkg -P sallyport-agent sallyport-login
facts /etc/sallyport /var/lib/sallyport
[ -L "$root/etc/systemd/system/multi-user.target.wants/sallyport-agent.service" ] || echo 'unit gone'

echo '# a running agent is stopped by removal'
quietly dpkg -i /tmp/sleeper.deb
device /usr/sbin/sallyport-agent 1000 &
agent=$!
quietly dpkg -r sallyport-agent
wait "$agent" 2>/dev/null || echo "ended with $?"
