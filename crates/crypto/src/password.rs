//! Password hashing: Argon2id after a keyed pepper, in one bounded pool.
//!
//! The pool has as many workers as cores, and memory for each that is kept between hashes, so a storm of logins costs a known
//! amount of memory and never starves what needs no hash. A full queue answers *busy* at once; where nothing comes for a
//! while, the memory goes back to the system.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use futures_channel::oneshot;
use rustix::mm::Advice;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

mod give_way;
mod imported;

pub use give_way::give_way;
pub use imported::{ImportError, Imported};

use crate::{
    Secret, constant_time_eq,
    mac::hmac_sha256,
    random::{self, NoRandomness, Random},
};

/// 19 MiB, two passes, one lane: the first recommendation of OWASP's password storage sheet.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const HASH_LEN: usize = 32;
const SALT_LEN: usize = 16;

/// What is read back from storage may not ask for more than this.
const MAX_MEMORY_KIB: u32 = 65_536;
const MAX_PASSES: u32 = 8;

/// After how long without a task the memory is given back.
const IDLE: Duration = Duration::from_secs(10);

/// Longest password taken, in bytes; longer input is refused before any hashing.
pub const MAX_BYTES: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("too many sign-ins at once; try again shortly")]
    Busy,
    #[error("the stored password hash is damaged")]
    Damaged,
    #[error("the password is longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The one form in which a password is hashed everywhere: Unicode NFC.
///
/// # Errors
/// [`PasswordError::TooLong`].
pub fn normalize(password: &Secret) -> Result<Secret, PasswordError> {
    if password.expose().len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    Ok(Secret::new(password.expose().nfc().collect()))
}

enum Task {
    Hash { password: Secret, salt: [u8; SALT_LEN], reply: oneshot::Sender<Result<String, PasswordError>> },
    Verify { password: Secret, stored: Stored, reply: oneshot::Sender<Result<bool, PasswordError>> },
}

/// What a password is compared with.
enum Stored {
    Ours(String),
    Imported(Box<Imported>),
}

/// The pool. Cloning shares it.
#[derive(Clone)]
pub struct Pool {
    queue: mpsc::SyncSender<Task>,
    workers: usize,
    computed: Arc<AtomicU64>,
}

impl Pool {
    /// Starts `workers` threads with a queue of `depth` waiting tasks each keyed by `pepper`.
    #[must_use]
    pub fn start(workers: usize, depth: usize, pepper: &[u8; 32]) -> Self {
        Self::start_with(workers, depth, pepper, IDLE)
    }

    fn start_with(workers: usize, depth: usize, pepper: &[u8; 32], idle: Duration) -> Self {
        let (queue, tasks) = mpsc::sync_channel(depth);
        let shared = Arc::new(Shared { tasks: Mutex::new(tasks), spare: Mutex::default(), idle });
        let computed = Arc::new(AtomicU64::new(0));
        for n in 0..workers {
            let (shared, computed) = (Arc::clone(&shared), Arc::clone(&computed));
            let pepper = Zeroizing::new(*pepper);
            let spawned = std::thread::Builder::new()
                .name(format!("argon2-{n}"))
                .spawn(move || work(&shared, &computed, &pepper));
            if let Err(error) = spawned {
                // A pool without workers answers `Busy`; the server goes on serving what needs no hash.
                eprintln_once(&error);
            }
        }
        Self { queue, workers, computed }
    }

    /// How many hashes were computed so far.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    #[must_use]
    pub const fn workers(&self) -> usize {
        self.workers
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// Busy, too long, or no randomness.
    pub async fn hash(&self, password: &Secret, random: &dyn Random) -> Result<String, PasswordError> {
        let salt = random::bytes(random)?;
        let password = normalize(password)?;
        self.submit(|reply| Task::Hash { password, salt, reply }).await
    }

    /// Whether `password` is the one behind the PHC string `stored`.
    ///
    /// # Errors
    /// Busy, too long, or a stored string that is not one of ours.
    pub async fn verify(&self, password: &Secret, stored: &str) -> Result<bool, PasswordError> {
        let (password, stored) = (normalize(password)?, Stored::Ours(stored.to_owned()));
        self.submit(|reply| Task::Verify { password, stored, reply }).await
    }

    /// Whether `password` is the one behind a hash of another system.
    ///
    /// # Errors
    /// Busy, or too long.
    pub async fn verify_imported(
        &self,
        password: &Secret,
        imported: Imported,
    ) -> Result<bool, PasswordError> {
        let (password, stored) = (normalize(password)?, Stored::Imported(Box::new(imported)));
        self.submit(|reply| Task::Verify { password, stored, reply }).await
    }

    /// Spends the time of one verification and answers `false`: the answer for a name nobody has.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub async fn verify_nobody(&self, password: &Secret) -> Result<bool, PasswordError> {
        self.verify(password, &phc(&Params::default_ours(), &[0; SALT_LEN], &[0; HASH_LEN]))
            .await
            .map(|_| false)
    }

    async fn submit<T>(
        &self,
        task: impl FnOnce(oneshot::Sender<Result<T, PasswordError>>) -> Task,
    ) -> Result<T, PasswordError> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(task(reply)).map_err(|_| PasswordError::Busy)?;
        answer.await.map_err(|_| PasswordError::Busy)?
    }
}

fn eprintln_once(error: &std::io::Error) {
    use std::io::Write as _;
    // There is nothing better to do with a failure to report a failure.
    drop(writeln!(std::io::stderr(), "cannot start a password hashing thread: {error}"));
}

trait OurParams {
    fn default_ours() -> Params;
}

impl OurParams for Params {
    fn default_ours() -> Params {
        Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_LEN)).unwrap_or_default()
    }
}

/// What the workers have in common.
struct Shared {
    tasks: Mutex<mpsc::Receiver<Task>>,
    /// Memory that no worker needs at the moment.
    spare: Mutex<Vec<Vec<Block>>>,
    idle: Duration,
}

impl Shared {
    /// The next task, of whoever waits first; none when there will be no more.
    fn next(&self) -> Option<Task> {
        let tasks = self.tasks.lock().ok()?;
        loop {
            match tasks.recv_timeout(self.idle) {
                Ok(task) => return Some(task),
                Err(RecvTimeoutError::Timeout) => self.spare().iter_mut().for_each(give_back),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn spare(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn work(shared: &Shared, computed: &AtomicU64, pepper: &[u8; 32]) {
    // Best effort: where the kernel refuses the pool still works.
    give_way().ok();
    while let Some(task) = shared.next() {
        let mut memory = shared.spare().pop().unwrap_or_default();
        answer(task, computed, pepper, &mut memory);
        shared.spare().push(memory);
    }
}

fn answer(task: Task, computed: &AtomicU64, pepper: &[u8; 32], memory: &mut Vec<Block>) {
    match task {
        Task::Hash { password, salt, reply } => {
            computed.fetch_add(1, Ordering::Relaxed);
            let params = Params::default_ours();
            let result =
                compute(&password, &salt, &params, pepper, memory).map(|hash| phc(&params, &salt, &hash[..]));
            reply.send(result).ok();
        }
        Task::Verify { password, stored, reply } => {
            // Nobody waits any more: do not spend a hash on it.
            if !reply.is_canceled() {
                computed.fetch_add(1, Ordering::Relaxed);
                let result = match &stored {
                    Stored::Ours(stored) => verify(&password, stored, pepper, memory),
                    Stored::Imported(hash) => Ok(hash.verifies(password.expose().as_bytes())),
                };
                reply.send(result).ok();
            }
        }
    }
}

fn verify(
    password: &Secret,
    stored: &str,
    pepper: &[u8; 32],
    memory: &mut Vec<Block>,
) -> Result<bool, PasswordError> {
    let (params, salt, expected) = parse_phc(stored).ok_or(PasswordError::Damaged)?;
    let hash = compute(password, &salt, &params, pepper, memory)?;
    Ok(constant_time_eq(&hash[..], &expected))
}

fn compute(
    password: &Secret,
    salt: &[u8],
    params: &Params,
    pepper: &[u8; 32],
    memory: &mut Vec<Block>,
) -> Result<Zeroizing<[u8; HASH_LEN]>, PasswordError> {
    let peppered = Zeroizing::new(hmac_sha256(pepper, password.expose().as_bytes()));
    if memory.len() < params.block_count() {
        memory.reserve_exact(params.block_count() - memory.len());
        prefer_huge_pages(memory);
        memory.resize(params.block_count(), Block::new());
    }
    let mut out = Zeroizing::new([0; HASH_LEN]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2
        .hash_password_into_with_memory(&*peppered, salt, &mut *out, memory.as_mut_slice())
        .map_err(|_| PasswordError::Damaged)?;
    if memory.len() > Params::default_ours().block_count() {
        memory.truncate(Params::default_ours().block_count());
        memory.shrink_to_fit();
    }
    Ok(out)
}

/// Asks for huge pages under memory that nobody has touched yet: Argon2 jumps about in it, and with small ones spends much
/// of its time on finding them.
fn prefer_huge_pages(memory: &mut Vec<Block>) {
    let free = memory.spare_capacity_mut();
    let (start, len) = (free.as_mut_ptr().cast::<u8>(), size_of_val(free));
    advise(start, len, Advice::LinuxHugepage);
}

/// Gives the pages back to the system. The blocks stay, and hold zeros from then on, which is as good as what they held: a hash
/// begins with writing them.
fn give_back(memory: &mut Vec<Block>) {
    let (start, len) = (memory.as_mut_ptr().cast::<u8>(), size_of_val(memory.as_slice()));
    advise(start, len, Advice::LinuxDontNeed);
}

/// Advises the kernel of the whole pages within memory of ours that is used for blocks. Best effort: it is as right without, only
/// slower or larger.
#[expect(unsafe_code, reason = "the kernel is told how memory of ours will be used")]
fn advise(start: *mut u8, len: usize, advice: Advice) {
    const PAGE: usize = 4096;
    let skipped = start.align_offset(PAGE);
    let len = len.saturating_sub(skipped) / PAGE * PAGE;
    // SAFETY: both callers lend a vector of blocks for the time of the call, within which the range lies. The one advice changes
    // nothing of what is in it; the other makes it zeros, and a block is numbers, of which any are good.
    unsafe { rustix::mm::madvise(start.wrapping_add(skipped).cast(), len, advice) }.ok();
}

/// A PHC string; `keyid` says that a pepper was in front.
fn phc(params: &Params, salt: &[u8], hash: &[u8]) -> String {
    let base64 = data_encoding::BASE64_NOPAD;
    format!(
        "$argon2id$v=19$m={},t={},p=1,keyid=MQ${}${}",
        params.m_cost(),
        params.t_cost(),
        base64.encode(salt),
        base64.encode(hash)
    )
}

fn parse_phc(stored: &str) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let mut fields = stored.strip_prefix("$argon2id$v=19$")?.split('$');
    let (settings, salt, hash) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    let mut settings = settings.split(',');
    let memory: u32 = settings.next()?.strip_prefix("m=")?.parse().ok()?;
    let passes: u32 = settings.next()?.strip_prefix("t=")?.parse().ok()?;
    if settings.next()? != "p=1" || settings.next()? != "keyid=MQ" || settings.next().is_some() {
        return None;
    }
    if memory > MAX_MEMORY_KIB || passes > MAX_PASSES {
        return None;
    }
    let base64 = data_encoding::BASE64_NOPAD;
    let (salt, hash) = (base64.decode(salt.as_bytes()).ok()?, base64.decode(hash.as_bytes()).ok()?);
    (salt.len() == SALT_LEN && hash.len() == HASH_LEN).then_some((
        Params::new(memory, passes, 1, Some(HASH_LEN)).ok()?,
        salt,
        hash,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().unwrap()
    }

    #[test]
    fn only_the_same_password_under_the_same_pepper_verifies() {
        runtime().block_on(async {
            let pool = Pool::start(1, 8, &[1; 32]);
            let stored = pool.hash(&"correct horse".into(), &SystemRandom::new()).await.unwrap();
            assert!(pool.verify(&"correct horse".into(), &stored).await.unwrap());
            assert!(!pool.verify(&"correct horsf".into(), &stored).await.unwrap());
            assert!(!pool.verify_nobody(&"correct horse".into()).await.unwrap());
            let other = Pool::start(1, 8, &[2; 32]);
            assert!(!other.verify(&"correct horse".into(), &stored).await.unwrap());
        });
    }

    #[test]
    fn memory_that_was_given_back_is_empty_and_as_good_as_before() {
        let mut memory = Vec::new();
        let hash = |memory: &mut Vec<Block>| {
            compute(&"correct horse".into(), &[7; SALT_LEN], &Params::default_ours(), &[1; 32], memory)
                .unwrap()
        };
        let before = hash(&mut memory);
        give_back(&mut memory);
        // The first page and the last are shared with others, maybe.
        let page = 4096 / size_of::<Block>();
        let within = memory.get(page..memory.len() - page).unwrap();
        assert!(within.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
        let after = hash(&mut memory);
        assert_eq!(before, after);
    }

    #[test]
    fn a_pool_that_gives_its_memory_back_at_once_hashes_alike() {
        runtime().block_on(async {
            let pool = Pool::start_with(2, 8, &[1; 32], Duration::ZERO);
            for _ in 0..3 {
                let stored = pool.hash(&"correct horse".into(), &SystemRandom::new()).await.unwrap();
                assert!(pool.verify(&"correct horse".into(), &stored).await.unwrap());
            }
        });
    }

    #[test]
    fn nothing_is_cut_off() {
        runtime().block_on(async {
            let pool = Pool::start(1, 8, &[1; 32]);
            let random = SystemRandom::new();
            let base = "x".repeat(72);
            let stored = pool.hash(&format!("{base}a").into(), &random).await.unwrap();
            assert!(!pool.verify(&format!("{base}b").into(), &stored).await.unwrap());
            assert!(!pool.verify(&format!("{base}a\0").into(), &stored).await.unwrap());
            let long = "é".repeat(256);
            let stored = pool.hash(&long.as_str().into(), &random).await.unwrap();
            assert!(pool.verify(&"e\u{301}".repeat(256).as_str().into(), &stored).await.unwrap());
            assert_eq!(pool.hash(&"x".repeat(1025).into(), &random).await, Err(PasswordError::TooLong));
        });
    }

    #[test]
    fn damaged_hashes_fail_one_account_and_nothing_else() {
        runtime().block_on(async {
            let pool = Pool::start(1, 8, &[1; 32]);
            let good = pool.hash(&"p".into(), &SystemRandom::new()).await.unwrap();
            for bad in [
                "",
                "$2y$10$abcdefghijklmnopqrstuv",
                "$argon2id$v=19$m=4294967295,t=2,p=1,keyid=MQ$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
                "$argon2id$v=19$m=19456,t=4000000000,p=1,keyid=MQ$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
                &good[..good.len() - 3],
                "é".repeat(60).as_str(),
            ] {
                assert_eq!(pool.verify(&"p".into(), bad).await, Err(PasswordError::Damaged), "{bad}");
            }
            assert!(pool.verify(&"p".into(), &good).await.unwrap());
        });
    }

    #[test]
    fn a_full_queue_says_busy() {
        // No worker ever takes the one waiting place, so the second caller must be told at once.
        let pool = Pool::start(0, 1, &[1; 32]);
        let (reply, _answer) = oneshot::channel();
        let stored = Stored::Ours(String::new());
        pool.queue.try_send(Task::Verify { password: "p".into(), stored, reply }).ok();
        assert_eq!(runtime().block_on(pool.verify(&"p".into(), "")), Err(PasswordError::Busy));
    }
}
