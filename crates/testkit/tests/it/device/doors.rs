//! The programs by which people come in at the device itself, each at a terminal of its own, through everything that
//! can go wrong: a wrong code, nobody of that name, the agent killed while it asks, no server, a server that lies (told
//! in [`impostor`](super::impostor)), no space left.

use sallyport_testkit::{
    sandbox::{Signal, Terminal},
    story::{DeviceHouse, until},
};

use super::{
    PASSWORD,
    disk::{empty_small_disk, fill_small_disk, move_to_small_disk},
    newest,
    outage::{break_glass, is_connected},
    own,
};

pub(super) struct Door {
    /// Each of a person of its own, so that wrong codes at one hold nobody back at another.
    pub(super) user: &'static str,
    right: &'static str,
    /// The program, started as it is by somebody who wants in.
    program: &'static [&'static str],
    /// As whom they then are there.
    becomes: &'static str,
    /// Has the module say nothing but what it asks, as sudo does.
    silent: bool,
    /// What the program says to whom it refuses.
    refusal: &'static str,
    /// And where the second door cannot be asked for at all.
    unavailable: &'static str,
    /// For or by a user that nobody is, whether it asks for a password all the same, and what it then says.
    nobody: (&'static [&'static str], bool, &'static str),
}

pub(super) const DOORS: [Door; 3] = [
    Door {
        user: "frieda",
        right: "standard",
        program: &["login", "frieda"],
        becomes: "frieda",
        silent: false,
        refusal: "Login incorrect",
        unavailable: "Login incorrect",
        nobody: (&["login", "nobody-at-all"], true, "Login incorrect"),
    },
    Door {
        user: "gerda",
        right: "administrator",
        program: &["runuser", "-u", "gerda", "--", "sudo", "/bin/sh"],
        becomes: "root",
        silent: true,
        refusal: "Sorry, try again.",
        unavailable: "Sorry, try again.",
        nobody: (
            &["setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", "sudo", "/bin/sh"],
            false,
            "you do not exist in the passwd database",
        ),
    },
    Door {
        user: "helga",
        right: "standard",
        program: &["setpriv", "--reuid=65534", "--clear-groups", "su", "--shell=/bin/sh", "helga"],
        becomes: "helga",
        silent: false,
        refusal: "Authentication failure",
        unavailable: "cannot retrieve authentication info",
        nobody: (
            &["setpriv", "--reuid=65534", "--clear-groups", "su", "nobody-at-all"],
            false,
            "nobody-at-all does not exist",
        ),
    },
];

const CODE: &str = "Passcode for the second door";
pub(super) const BREAK_GLASS: &str = "The server cannot be reached. Break-glass code:";
const UNREACHABLE: &str = "The server of the second door cannot be reached.";
const NOT_CHECKED: &str = "Sallyport could not check this login, so it is refused.";

/// Binds the people of the doors to the device; two codes for each, in the order of the doors.
pub(super) fn people(house: &DeviceHouse) -> [Vec<String>; 3] {
    DOORS.map(|door| {
        house.house.person(door.user, PASSWORD).unwrap();
        house
            .bind(door.user, if door.right == "administrator" { &["--administrator"] } else { &[] })
            .unwrap();
        house.house.bypass_codes(door.user, 3).unwrap()
    })
}

impl Door {
    /// Past the first door.
    fn enter(&self, house: &DeviceHouse) -> Terminal {
        let mut terminal = house.sandbox.at_terminal(self.program).unwrap();
        self.shows(&mut terminal, "assword", house);
        terminal.type_line(PASSWORD).unwrap();
        terminal
    }

    /// Past the first door, where this is asked for.
    pub(super) fn knock(&self, house: &DeviceHouse, asked: &str) -> Terminal {
        let mut terminal = self.enter(house);
        self.shows(&mut terminal, asked, house);
        terminal
    }

    #[track_caller]
    pub(super) fn shows(&self, terminal: &mut Terminal, part: &str, house: &DeviceHouse) {
        terminal.wait_for(part).unwrap_or_else(|error| panic!("{}: {error}\n{}", self.user, house.logs()));
    }

    #[track_caller]
    pub(super) fn refuses(&self, mut terminal: Terminal, words: &str, house: &DeviceHouse) {
        self.ends(&mut terminal, words, self.refusal, house);
    }

    #[track_caller]
    fn ends(&self, terminal: &mut Terminal, words: &str, last: &str, house: &DeviceHouse) {
        if !self.silent {
            self.shows(terminal, words, house);
        }
        self.shows(terminal, last, house);
    }

    #[track_caller]
    fn lets_in(&self, mut terminal: Terminal, code: &str, house: &DeviceHouse) {
        terminal.type_line(code).unwrap();
        self.shows(&mut terminal, if self.becomes == "root" { "#" } else { "$" }, house);
        terminal.type_line("echo inside as $(id -un)").unwrap();
        self.shows(&mut terminal, &format!("inside as {}", self.becomes), house);
    }
}

#[test]
fn login_sudo_and_su_refuse_in_every_trouble_and_let_in_again_after_it() {
    let Some(mut house) = own("laptop-48") else { return };
    let codes = people(&house);
    a_wrong_code_can_be_corrected(&house, &codes);
    nobody_of_that_name(&house);
    the_agent_killed_while_it_asks(&mut house, &codes);
    no_space_left(&mut house, &codes);
    no_server(&mut house);
}

fn a_wrong_code_can_be_corrected(house: &DeviceHouse, codes: &[Vec<String>; 3]) {
    for (door, codes) in DOORS.iter().zip(codes) {
        let mut terminal = door.knock(house, CODE);
        terminal.type_line("000000").unwrap();
        door.shows(&mut terminal, "That code is not right.", house);
        door.lets_in(terminal, &codes[0], house);
        assert_eq!(newest(house, door.user).0, "allowed");
    }
}

fn nobody_of_that_name(house: &DeviceHouse) {
    for door in &DOORS {
        let (program, asks, refusal) = door.nobody;
        let mut terminal = house.sandbox.at_terminal(program).unwrap();
        if asks {
            door.shows(&mut terminal, "assword", house);
            terminal.type_line(PASSWORD).unwrap();
        }
        door.shows(&mut terminal, refusal, house);
        assert!(!terminal.shown().contains(CODE), "{}", terminal.shown());
    }
    assert!(house.sign_ins("nobody-at-all").unwrap().is_empty());
}

fn the_agent_killed_while_it_asks(house: &mut DeviceHouse, codes: &[Vec<String>; 3]) {
    let asked = DOORS.each_ref().map(|door| door.knock(house, CODE));
    house.end_agent(Signal::KILL).unwrap();
    for ((door, mut terminal), codes) in DOORS.iter().zip(asked).zip(codes) {
        terminal.type_line(&codes[1]).unwrap();
        door.refuses(terminal, NOT_CHECKED, house);
        // Nobody there at all.
        door.refuses(door.enter(house), NOT_CHECKED, house);
    }
    house.start_agent().unwrap();
    house.in_step().unwrap();
    for (door, codes) in DOORS.iter().zip(codes) {
        door.lets_in(door.knock(house, CODE), &codes[1], house);
    }
}

fn no_space_left(house: &mut DeviceHouse, codes: &[Vec<String>; 3]) {
    move_to_small_disk(house);
    fill_small_disk(house);
    // Both doors together need nothing written here.
    for (door, codes) in DOORS.iter().zip(codes) {
        door.lets_in(door.knock(house, CODE), &codes[2], house);
    }
    let glass = break_glass(house);
    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(house)).then_some(()))).unwrap();
    let [first, rest @ ..] = &DOORS;
    let mut terminal = first.knock(house, BREAK_GLASS);
    terminal.type_line(&glass).unwrap();
    first.refuses(terminal, "The code cannot be marked as used.", house);
    // It counts as used all the same.
    for door in rest {
        door.ends(&mut door.enter(house), UNREACHABLE, door.unavailable, house);
    }
    empty_small_disk(house);
    house.house.server.start_again().unwrap();
    until("another code", || Ok((break_glass(house) != glass).then_some(()))).unwrap();
    house.in_step().unwrap();
}

fn no_server(house: &mut DeviceHouse) {
    let glass = break_glass(house);
    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(house)).then_some(()))).unwrap();
    for door in &DOORS {
        let mut terminal = door.knock(house, BREAK_GLASS);
        terminal.type_line("00000000000000000000").unwrap();
        door.shows(&mut terminal, "Wrong code.", house);
    }
    let [first, rest @ ..] = &DOORS;
    first.lets_in(first.knock(house, BREAK_GLASS), &glass, house);
    for door in rest {
        door.ends(&mut door.enter(house), UNREACHABLE, door.unavailable, house);
    }
    house.house.server.start_again().unwrap();
    until("another code", || Ok((break_glass(house) != glass).then_some(()))).unwrap();
}
