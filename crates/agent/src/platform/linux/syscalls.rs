//! What the network half may ask of the kernel: what TLS over TCP, the resolver of the C library and the line to the
//! privileged half take, and nothing else. Who takes that process over starts no program, writes no file, maps no code,
//! reaches no socket of another program and no process but its own.
//!
//! What is not on the list is answered as by a kernel that does not have the call (`ENOSYS`). The C library knows
//! kernels of many ages and falls back to what is on the list; so it makes threads by `clone` when there is no `clone3`,
//! whose flags a filter cannot see. `EPERM` it takes for the last word. And ending the process would make of some later
//! C library, which tries something new first, a device that is offline for good.
//!
//! Two things are lost, since nothing loads code or speaks to local sockets any more: modules of the name service switch
//! beyond files and DNS, which are part of the C library itself since 2.34, and the cache in front of them. A server
//! that only Avahi knows has to be given by its address.

use std::{collections::BTreeMap, io};

use seccompiler::{
    BackendError, BpfProgram, SeccompAction,
    SeccompCmpArgLen::{Dword, Qword},
    SeccompCmpOp::{Eq, MaskedEq},
    SeccompCondition, SeccompFilter, SeccompRule,
};

/// Whatever the arguments are: none of them names a file to change, a program or another process.
const ALWAYS: &[i64] = &[
    // Descriptors that are open already, and the clock.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_ppoll,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    // Sockets, once there are any; which there may be, is said below. No `listen`: what is accepted, came to the address
    // that was opened before.
    libc::SYS_accept4,
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
    // Memory, threads and their end.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_futex,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Who and where this is.
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_getrandom,
];

/// Calls that newer architectures do not have.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[libc::SYS_epoll_wait, libc::SYS_poll];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[];

/// Holds every thread of this process to the list, for good.
///
/// # Errors
/// The system refuses; then it must not go on.
pub fn confine() -> io::Result<()> {
    let program = program().map_err(io::Error::other)?;
    seccompiler::apply_filter_all_threads(&program).map_err(io::Error::other)
}

fn program() -> Result<BpfProgram, BackendError> {
    let refused = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    SeccompFilter::new(rules()?, refused, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)?
        .try_into()
}

fn rules() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    // A call without rules is allowed whatever its arguments are.
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALWAYS.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    let mut allow = |call: i64, conditions: Vec<SeccompCondition>| {
        rules.entry(call).or_default().push(SeccompRule::new(conditions)?);
        Ok::<(), BackendError>(())
    };
    // Files are there to be read.
    allow(libc::SYS_openat, vec![none_of(2, libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC)?])?;
    // No code but what is there already.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        allow(call, vec![none_of(2, libc::PROT_EXEC)?])?;
    }
    // TCP and UDP, and the addresses of this machine, by which the resolver sorts; no local sockets.
    let kind = |kind| masked(1, !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK), kind);
    for family in [libc::AF_INET, libc::AF_INET6] {
        allow(libc::SYS_socket, vec![is(0, family)?, kind(libc::SOCK_STREAM)?, is(2, 0)?])?;
        allow(libc::SYS_socket, vec![is(0, family)?, kind(libc::SOCK_DGRAM)?, is(2, 0)?])?;
    }
    let routes = is(2, libc::NETLINK_ROUTE)?;
    allow(libc::SYS_socket, vec![is(0, libc::AF_NETLINK)?, kind(libc::SOCK_RAW)?, routes])?;
    // With which the runtime wakes itself.
    allow(libc::SYS_socketpair, vec![is(0, libc::AF_UNIX)?])?;
    for request in [libc::FIONBIO, libc::FIONREAD] {
        allow(libc::SYS_ioctl, vec![SeccompCondition::new(1, Dword, Eq, request)?])?;
    }
    // Threads of this process, in the namespaces it is in.
    allow(libc::SYS_clone, vec![masked(0, libc::CLONE_THREAD | NAMESPACES, libc::CLONE_THREAD)?])?;
    allow(libc::SYS_prctl, vec![is(0, libc::PR_SET_NAME)?])?;
    // Its own limits, to look at; itself, to abort.
    let no_new_limit = SeccompCondition::new(2, Qword, Eq, 0)?;
    allow(libc::SYS_prlimit64, vec![is(0, 0)?, no_new_limit])?;
    allow(libc::SYS_tgkill, vec![is(0, std::process::id().cast_signed())?])?;
    Ok(rules)
}

const NAMESPACES: i32 = libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWUTS;

fn is(argument: u8, value: i32) -> Result<SeccompCondition, BackendError> {
    masked(argument, -1, value)
}

fn none_of(argument: u8, flags: i32) -> Result<SeccompCondition, BackendError> {
    masked(argument, flags, 0)
}

/// Only the lower half is compared, for that is what the kernel looks at.
fn masked(argument: u8, mask: i32, value: i32) -> Result<SeccompCondition, BackendError> {
    let bits = |number: i32| u64::from(number.cast_unsigned());
    SeccompCondition::new(argument, Dword, MaskedEq(bits(mask)), bits(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_reaches_beyond_the_process_is_on_the_list() {
        let rules = rules().unwrap();
        for call in [
            libc::SYS_add_key,
            libc::SYS_bpf,
            libc::SYS_chroot,
            libc::SYS_clone3,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_fchmodat,
            libc::SYS_fchownat,
            libc::SYS_init_module,
            libc::SYS_io_uring_setup,
            libc::SYS_kexec_load,
            libc::SYS_keyctl,
            libc::SYS_kill,
            libc::SYS_linkat,
            libc::SYS_listen,
            libc::SYS_memfd_create,
            libc::SYS_mkdirat,
            libc::SYS_mount,
            libc::SYS_move_mount,
            libc::SYS_openat2,
            libc::SYS_perf_event_open,
            libc::SYS_pidfd_getfd,
            libc::SYS_pidfd_open,
            libc::SYS_pkey_mprotect,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_ptrace,
            libc::SYS_renameat2,
            libc::SYS_seccomp,
            libc::SYS_setns,
            libc::SYS_setuid,
            libc::SYS_symlinkat,
            libc::SYS_truncate,
            libc::SYS_unlinkat,
            libc::SYS_unshare,
            libc::SYS_userfaultfd,
        ] {
            assert!(!rules.contains_key(&call), "{call}");
        }
        #[cfg(target_arch = "x86_64")]
        for call in [libc::SYS_fork, libc::SYS_vfork, libc::SYS_open, libc::SYS_creat, libc::SYS_modify_ldt] {
            assert!(!rules.contains_key(&call), "{call}");
        }
    }
}
