# Turns fresh namespaces into a device of their own, then becomes their init. Run by `unshare` as process 1 with
# the arguments NAME, SIZE of the memory file system, and directories to show read-only inside. Whatever fails is
# named on standard error; `ready PID` on standard output says that the device stands.
set -eu
name=$1 size=$2
shift 2
step='start'
trap 'code=$?; [ "$code" = 0 ] || echo "failed while: $step" >&2' EXIT

# The machine's own /proc is still in place, so this is the process id the machine knows.
read -r pid _ </proc/self/stat

step='mounting a tmpfs over /mnt, out of sight of the machine'
mount -t tmpfs -o "mode=0755,size=$size" sandbox /mnt
new=/mnt/root
mkdir "$new"

# Whole root, not single directories: a package may write anywhere. File systems mounted below it are not part of
# an overlay over /, so those that hold a system get one of their own.
layer=0
overlay() {
    step="mounting an overlay over $1"
    layer=$((layer + 1))
    mkdir "/mnt/upper$layer" "/mnt/work$layer"
    mount -t overlay -o "lowerdir=$1,upperdir=/mnt/upper$layer,workdir=/mnt/work$layer" sandbox "$new$1"
}
overlay /
for dir in /etc /opt /root /srv /usr /usr/local /var /var/lib; do
    if mountpoint -q "$dir"; then overlay "$dir"; fi
done

step='mounting tmpfs over /home, /run, /tmp and /dev'
for dir in home run dev; do mount -t tmpfs -o mode=0755 sandbox "$new/$dir"; done
mount -t tmpfs -o mode=1777 sandbox "$new/tmp"

step='filling /dev'
for node in null zero full random urandom tty; do
    : >"$new/dev/$node"
    mount --bind "/dev/$node" "$new/dev/$node"
done
mkdir "$new/dev/pts" "$new/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$new/dev/pts"
mount -t tmpfs -o mode=1777 sandbox "$new/dev/shm"
ln -s pts/ptmx "$new/dev/ptmx"
ln -s /proc/self/fd "$new/dev/fd"
ln -s fd/0 "$new/dev/stdin"
ln -s fd/1 "$new/dev/stdout"
ln -s fd/2 "$new/dev/stderr"

# Settings of the kernel are the machine's: the device may read them only.
step='mounting /proc and /sys'
mount -t proc proc "$new/proc"
for file in sys sysrq-trigger; do
    [ -e "$new/proc/$file" ] || continue
    mount --bind "$new/proc/$file" "$new/proc/$file"
    mount -o remount,bind,ro "$new/proc/$file"
done
mount -t sysfs -o ro sysfs "$new/sys"

for dir in "$@"; do
    step="showing $dir inside"
    mkdir -p "$new$dir"
    mount --bind "$dir" "$new$dir"
    mount -o remount,bind,ro "$new$dir"
done

step='making the overlay the root'
cd "$new"
pivot_root . mnt
cd /
umount -l /mnt

step='giving the device its name'
hostname "$name"
rm -f /etc/hostname /etc/hosts /etc/machine-id
echo "$name" >/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost\n' "$name" >/etc/hosts
tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id

# People of the machine are not people of the device; without them it starts alike everywhere.
step='leaving out the accounts of people'
rewrite() {
    file=$1
    shift
    [ -e "$file" ] || return 0
    awk -F: -v OFS=: "$@" "$file" >/run/rewrite
    cat /run/rewrite >"$file"
    rm /run/rewrite
}
kept='FNR == 1 { part++ } part == 1 { kept[$1]; next }'
members='function only(list, names, i, n, out) {
    n = split(list, names, ",")
    for (i = 1; i <= n; i++) if (names[i] in kept) out = out (out == "" ? "" : ",") names[i]
    return out
}'
system='($3 < 1000 || ($3 >= 60000 && $3 < 66000) || $3 >= 100000)'
rewrite /etc/passwd "$system"
rewrite /etc/group "$members $kept $system"' { $4 = only($4); print }' /etc/passwd
for file in /etc/shadow /etc/subuid /etc/subgid; do rewrite "$file" "$kept "'$1 in kept' /etc/passwd; done
rewrite /etc/gshadow "$members $kept
    "'part == 2 { group[$1]; next } $1 in group { $3 = only($3); $4 = only($4); print }' /etc/passwd /etc/group

step='leaving out keys and settings of the sshd of the machine'
rm -f /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d/*

step='preparing /run'
mkdir -p /run/lock /run/sshd
: >/run/utmp
chmod 0664 /run/utmp
chgrp utmp /run/utmp 2>/dev/null || true

# The last word before the init takes over. It reaps what others leave behind, and its only child waits at the far
# end of a pipe held by whoever raised the device: when that process is gone, however it went, so is the device.
step='handing over to the init'
echo "ready $pid"
exec >/dev/null
exec tini -- cat
