use std::os::unix::fs::symlink;

use super::*;

#[test]
fn files_of_the_system_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    for (path, text) in [
        ("etc/os-release", "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"),
        ("proc/cpuinfo", "processor\t: 0\nmodel name\t: Fast\nprocessor\t: 1\n"),
        ("proc/meminfo", "MemTotal:       1024 kB\n"),
        ("proc/stat", "cpu 1\nbtime 1700000000\n"),
        ("proc/sys/kernel/hostname", "host\u{1b}[1m\n"),
        ("proc/net/fib_trie", "  |-- 10.0.0.5\n     /32 host LOCAL\n  |-- 127.0.0.1\n     /32 host LOCAL\n"),
        ("proc/net/if_inet6", "20010db8000000000000000000000001 02 40 00 00 eth0\n"),
    ] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let taken = take(&paths);
    assert_eq!(taken.os, "Debian GNU/Linux");
    assert_eq!((taken.cpus, taken.cpu_model.as_str(), taken.memory_bytes), (2, "Fast", 1024 * 1024));
    assert_eq!(taken.host_name, "host[1m");
    assert_eq!(taken.addresses, ["10.0.0.5", "2001:db8::1"]);
    assert_eq!(taken.boot_time, Some(Time::from_unix_seconds(1_700_000_000)));
}

/// A machine of block devices: each with its names below `/dev`, what dm-crypt calls it, and what is below it.
fn machine_of(devices: &[(&str, &str, &str, &[&str])], mounts: &str) -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for folder in ["dev/mapper", "proc", "sys/class/block"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for (name, alias, uuid, below) in devices {
        fs::write(root.join("dev").join(name), "").unwrap();
        if !alias.is_empty() {
            symlink(format!("../{name}"), root.join("dev/mapper").join(alias)).unwrap();
        }
        // As in sysfs, a class is a folder of links.
        let block = root.join("sys/devices").join(name);
        fs::create_dir_all(block.join("slaves")).unwrap();
        symlink(format!("../../devices/{name}"), root.join("sys/class/block").join(name)).unwrap();
        if !uuid.is_empty() {
            fs::create_dir_all(block.join("dm")).unwrap();
            fs::write(block.join("dm/uuid"), format!("{uuid}\n")).unwrap();
        }
        for other in *below {
            symlink(format!("../../{other}"), block.join("slaves").join(other)).unwrap();
        }
    }
    fs::write(root.join("proc/mounts"), mounts).unwrap();
    let paths = Paths::under(root);
    (dir, paths)
}

const LUKS: &str = "CRYPT-LUKS2-0123456789abcdef-luks";
const LVM: &str = "LVM-abcdef";

#[test]
fn a_disk_is_encrypted_if_everything_below_it_is_and_unknown_where_nothing_tells() {
    let (_dir, paths) = machine_of(
        &[
            ("sda1", "", "", &[]),
            ("sda2", "", "", &[]),
            ("dm-0", "luks", LUKS, &["sda2"]),
            ("dm-1", "vg-root", LVM, &["dm-0"]),
            ("dm-2", "vg-data", LVM, &["sda1"]),
            ("dm-3", "vg-both", LVM, &["dm-0", "sda1"]),
            ("dm-4", "vg-lost", LVM, &["gone"]),
            ("dm-5", "loop", LVM, &["dm-5"]),
            ("dm-6", "named", "LVM-CRYPT-", &["sda1"]),
        ],
        "",
    );
    for (device, expected) in [
        ("/dev/sda1", Some(false)),
        ("/dev/sda2", Some(false)),
        ("/dev/mapper/luks", Some(true)),
        ("/dev/mapper/vg-root", Some(true)),
        ("/dev/dm-1", Some(true)),
        ("/dev/mapper/vg-data", Some(false)),
        ("/dev/mapper/vg-both", Some(false)),
        ("/dev/mapper/named", Some(false)),
        // It has no end.
        ("/dev/mapper/loop", None),
        ("/dev/mapper/vg-lost", None),
        ("/dev/none", None),
        ("/dev/..", None),
    ] {
        assert_eq!(is_encrypted(&paths, device), expected, "{device}");
    }
    fs::write(paths.absolute("dev/sdb1"), "").unwrap();
    assert_eq!(is_encrypted(&paths, "/dev/sdb1"), None, "without an entry of sysfs");
    // What it is called cannot be read as text.
    fs::write(paths.absolute("sys/devices/dm-2/dm/uuid"), [0xff, 0xfe]).unwrap();
    assert_eq!(is_encrypted(&paths, "/dev/dm-2"), None);
}

#[test]
fn block_devices_that_are_mounted_are_listed_once() {
    let mounts = "/dev/mapper/vg-root / ext4 rw 0 0\n\
        proc /proc proc rw 0 0\n\
        /dev/sda1 /no/such/place\u{1b}[2J vfat rw 0 0\n\
        /dev/mapper/vg-root /var/again ext4 rw 0 0\n\
        /dev/sdz1 /gone xfs rw 0 0\n\
        /dev/torn\n";
    let devices: [(&str, &str, &str, &[&str]); 3] =
        [("sda1", "", "", &[]), ("dm-0", "luks", LUKS, &["sda1"]), ("dm-1", "vg-root", LVM, &["dm-0"])];
    let (_dir, paths) = machine_of(&devices, mounts);
    let disks = take(&paths).disks;
    let shown: Vec<_> = disks
        .iter()
        .map(|disk| (disk.mount_point.as_str(), disk.file_system.as_str(), disk.encrypted))
        .collect();
    assert_eq!(
        shown,
        [("/", "ext4", Some(true)), ("/no/such/place[2J", "vfat", Some(false)), ("/gone", "xfs", None)]
    );
    assert!(disks[0].size_bytes > 0 && disks[0].size_bytes >= disks[0].free_bytes);
    assert_eq!((disks[1].size_bytes, disks[1].free_bytes), (0, 0));

    let many: String = (0..200).map(|n| format!("/dev/sd{n} /m{n} ext4 rw 0 0\n")).collect();
    let (_dir, paths) = machine_of(&[], &many);
    assert_eq!(take(&paths).disks.len(), MOST_DISKS);
}

#[test]
fn who_made_the_machine_is_read_and_cleaned_of_control_characters() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    let long = "x".repeat(5000);
    for (path, bytes) in [
        ("proc/sys/kernel/osrelease", b"6.1.0-18-amd64\n".as_slice()),
        ("sys/class/dmi/id/sys_vendor", b"  Example\x1b[31m GmbH \nsecond line\n"),
        ("sys/class/dmi/id/product_name", b"Book\x00 \xff 14\r\n"),
        ("sys/class/dmi/id/product_serial", long.as_bytes()),
    ] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let taken = take(&paths);
    assert_eq!(taken.kernel, "6.1.0-18-amd64");
    assert_eq!(taken.vendor, "Example[31m GmbH");
    assert_eq!(taken.model, "Book \u{fffd} 14");
    assert!(taken.serial.starts_with("xxx") && taken.serial.len() <= LONGEST_FIELD + 4, "{}", taken.serial);
}

#[test]
fn a_machine_without_files_is_an_empty_inventory() {
    let dir = tempfile::tempdir().unwrap();
    let taken = take(&Paths::under(dir.path()));
    assert_eq!((taken.cpus, taken.disks.len(), taken.boot_time), (0, 0, None));
    assert_eq!([taken.kernel, taken.vendor, taken.model, taken.serial], [""; 4]);
}
