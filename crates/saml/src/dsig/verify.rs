//! Verifying what others signed.

use sallyport_crypto::{
    constant_time_eq,
    saml_key::{Algorithm, PublicKey},
};

use super::{DigestMethod, Place, SignatureError, algorithm_named};
use crate::{
    base64,
    names::{ASSERTION_1, DSIG, ENVELOPED, EXCLUSIVE},
    xml::{Element, Limits, Node, canonical, canonical_without, read},
};

/// Longest signature, of the longest key.
const LONGEST_SIGNATURE: usize = 1024;
/// Most prefixes that are declared inclusively.
const MOST_PREFIXES: usize = 16;
/// Canonical forms may be longer than what they were made of.
const AGAIN: Limits = Limits { bytes: usize::MAX, ..Limits::METADATA };

/// What a signature was found good over: read again from those bytes, without the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified(Element);

impl Verified {
    #[must_use]
    pub const fn element(&self) -> &Element {
        &self.0
    }
}

#[must_use]
pub fn is_signature(element: &Element) -> bool {
    element.is(DSIG, "Signature")
}

/// Verifies that `element` was signed, all of it, by one of `keys`. `document` is what it was found in, or itself: nothing
/// else there may bear its name.
///
/// # Errors
/// It was not, or in another way than is allowed.
pub fn verify(
    element: &Element,
    document: &Element,
    place: Place,
    keys: &[&PublicKey],
) -> Result<Verified, SignatureError> {
    let (at, signature) = found(element, place)?;
    let id = element.attribute(names(element)).filter(|id| !id.is_empty());
    let id = id.ok_or(SignatureError::Reference)?;
    if document.count(&|other| is_named(other, id)) != 1 {
        return Err(SignatureError::Reference);
    }
    let info = signed_info(signature, keys)?;
    if info.uri.strip_prefix('#') != Some(id) {
        return Err(SignatureError::Reference);
    }
    let inclusive: Vec<&str> = info.inclusive.iter().map(String::as_str).collect();
    let bytes = canonical_without(element, &inclusive, Some(at));
    if !constant_time_eq(&info.digest.of(&bytes), &info.value) {
        return Err(SignatureError::Digest);
    }
    read(&bytes, AGAIN).map(Verified).map_err(|_| SignatureError::Shape)
}

/// The one signature directly in the element, at its place.
fn found(element: &Element, place: Place) -> Result<(usize, &Element), SignatureError> {
    let count = element.elements().filter(|child| is_signature(child)).count();
    if count == 0 {
        return Err(SignatureError::Missing);
    }
    let mut elements = element.nodes().iter().enumerate().filter_map(|(at, node)| match node {
        Node::Element(child) => Some((at, child)),
        Node::Text(_) => None,
    });
    let there = match place {
        Place::AfterIssuer | Place::First => elements.nth(place.index()),
        Place::Last => elements.next_back(),
    };
    there.filter(|(_, child)| is_signature(child) && count == 1).ok_or(SignatureError::Place)
}

/// By which attribute an element is named; assertions of version 1.1 have one of their own.
fn names(element: &Element) -> &'static str {
    if element.is(ASSERTION_1, "Assertion") { "AssertionID" } else { "ID" }
}

/// Whether an element goes by this name, in any spelling that some verifier might look for.
fn is_named(element: &Element, id: &str) -> bool {
    let names = |local: &str| local.eq_ignore_ascii_case("id") || local.eq_ignore_ascii_case("AssertionID");
    let mut attributes = element.attributes().iter();
    attributes.any(|attribute| names(attribute.local()) && attribute.value() == id)
}

/// What a signature says, read from what was verified.
fn signed_info(signature: &Element, keys: &[&PublicKey]) -> Result<SignedInfo, SignatureError> {
    let mut parts = signature.elements();
    let (info, value, key) = (parts.next(), parts.next(), parts.next());
    let info = info.filter(|info| info.is(DSIG, "SignedInfo")).ok_or(SignatureError::Shape)?;
    let value = value.filter(|value| value.is(DSIG, "SignatureValue")).and_then(Element::only_text);
    let value = value.and_then(|text| base64::decoded(text, LONGEST_SIGNATURE));
    let value = value.ok_or(SignatureError::Shape)?;
    let only_a_key = key.is_none_or(|key| key.is(DSIG, "KeyInfo"));
    if !only_a_key || parts.next().is_some() || !signature.has_elements_only() {
        return Err(SignatureError::Shape);
    }
    let outside = SignedInfo::read(info)?;
    let prefixes: Vec<&str> = outside.own_inclusive.iter().map(String::as_str).collect();
    let bytes = canonical(info, &prefixes);
    if !keys.iter().any(|key| key.verifies(outside.algorithm, &bytes, &value)) {
        return Err(SignatureError::NoKey);
    }
    let inside = SignedInfo::read(&read(&bytes, AGAIN).map_err(|_| SignatureError::Shape)?)?;
    if inside == outside { Ok(inside) } else { Err(SignatureError::Shape) }
}

#[derive(PartialEq, Eq)]
struct SignedInfo {
    algorithm: Algorithm,
    uri: String,
    /// Prefixes declared inclusively in the form of what was signed, and in its own.
    inclusive: Vec<String>,
    own_inclusive: Vec<String>,
    digest: DigestMethod,
    value: Vec<u8>,
}

impl SignedInfo {
    fn read(info: &Element) -> Result<Self, SignatureError> {
        let [method, signed_by, reference] = exactly(info)?;
        let own_inclusive = exclusive(method, "CanonicalizationMethod")?;
        let algorithm = bare(signed_by, "SignatureMethod")?;
        let algorithm = algorithm_named(algorithm).ok_or(SignatureError::Algorithm)?;
        let [transforms, digest_by, value] = exactly(reference)?;
        let mut attributes = reference.attributes().iter();
        if !reference.is(DSIG, "Reference")
            || !attributes.all(|attribute| matches!(attribute.local(), "URI" | "Id"))
            || !transforms.is(DSIG, "Transforms")
        {
            return Err(SignatureError::Shape);
        }
        let [enveloped, form] = exactly(transforms)?;
        if bare(enveloped, "Transform")? != ENVELOPED {
            return Err(SignatureError::Algorithm);
        }
        let inclusive = exclusive(form, "Transform")?;
        let digest =
            DigestMethod::named(bare(digest_by, "DigestMethod")?).ok_or(SignatureError::Algorithm)?;
        let value = Some(value).filter(|value| value.is(DSIG, "DigestValue")).and_then(Element::only_text);
        let value = value.and_then(|text| base64::decoded(text, 64)).ok_or(SignatureError::Shape)?;
        let uri = reference.attribute("URI").ok_or(SignatureError::Reference)?.to_owned();
        Ok(Self { algorithm, uri, inclusive, own_inclusive, digest, value })
    }
}

/// The elements of one, if they are this many and there is no text beside them.
fn exactly<const N: usize>(element: &Element) -> Result<[&Element; N], SignatureError> {
    let elements: Vec<&Element> = element.elements().take(N + 1).collect();
    let elements: Option<[&Element; N]> = elements.try_into().ok();
    elements.filter(|_| element.has_elements_only()).ok_or(SignatureError::Shape)
}

/// The algorithm an element of this name names.
fn named<'a>(element: &'a Element, local: &str) -> Result<&'a str, SignatureError> {
    let is_it = element.is(DSIG, local) && element.attributes().len() == 1 && element.has_elements_only();
    element.attribute("Algorithm").filter(|_| is_it).ok_or(SignatureError::Shape)
}

/// The same where the algorithm has no parameters.
fn bare<'a>(element: &'a Element, local: &str) -> Result<&'a str, SignatureError> {
    let name = named(element, local)?;
    if element.elements().next().is_none() { Ok(name) } else { Err(SignatureError::Algorithm) }
}

/// The prefixes that exclusive canonicalization declares inclusively; refused if another algorithm is named.
fn exclusive(element: &Element, local: &str) -> Result<Vec<String>, SignatureError> {
    if named(element, local)? != EXCLUSIVE.uri {
        return Err(SignatureError::Algorithm);
    }
    let mut parameters = element.elements();
    let Some(parameter) = parameters.next() else { return Ok(Vec::new()) };
    let is_it = parameter.is(EXCLUSIVE, "InclusiveNamespaces")
        && parameter.nodes().is_empty()
        && parameters.next().is_none();
    let list = parameter.attribute("PrefixList").filter(|_| is_it).ok_or(SignatureError::Algorithm)?;
    let prefixes = list.split_ascii_whitespace();
    let prefixes = prefixes.map(|prefix| if prefix == "#default" { "" } else { prefix }.to_owned());
    let prefixes: Vec<String> = prefixes.take(MOST_PREFIXES + 1).collect();
    if prefixes.len() > MOST_PREFIXES { Err(SignatureError::Algorithm) } else { Ok(prefixes) }
}
