unit=sallyport-agent.service

has_systemd() {
    [ -d "$root/run/systemd/system" ] && command -v systemctl >/dev/null 2>&1
}

# Honours policy-rc.d where the tool for that exists. A service that does not start never fails the package.
service() {
    if command -v deb-systemd-invoke >/dev/null 2>&1; then
        deb-systemd-invoke "$1" "$unit" >/dev/null || true
    else
        systemctl --quiet "$1" "$unit" || true
    fi
}

# True when an administrator's command, run by the agent, is what installs or removes us. Stopping the unit
# then would kill dpkg half way.
runs_in_unit() {
    grep -qs '/sallyport-agent\.service' "$root/proc/self/cgroup"
}

# The outermost process of the command we are part of: the last one before the agent itself.
command_leader() {
    agent=$(systemctl show --property=MainPID --value "$unit") || agent=
    leader=$PPID
    while parent=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$leader/status"); do
        case $parent in '' | 0 | 1 | "$agent") break ;; esac
        leader=$parent
    done
    echo "$leader"
}

# Stops or restarts the unit when the command has ended, from a unit of its own.
service_afterwards() {
    systemd-run --quiet --collect --no-block /bin/sh -c \
        'timeout 3600 tail --pid="$1" -f /dev/null; exec systemctl "$2" "$3"' sh \
        "$(command_leader)" "$1" "$unit" ||
        echo "sallyport-agent: could not schedule \`systemctl $1 $unit\`; please run it" >&2
}
