//! Uploads that ask for more than there is: each is read by a process of its own, as the portal starts it, which the system ends; the
//! server answers others meanwhile.
//! Long because each kind of file has its ways.

use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use server::evidence::{Cleaned, EvidenceLimits, Unreadable};
use server::reading::{OwnProcess, ReadError, ReadingRoom};
use tokio::io::AsyncWriteExt;

use crate::app::{TestApp, order};
use crate::databases::sqlite;
use crate::evidence::photo;

const MIB: usize = 1 << 20;

/// What the portal makes of it.
async fn read(bytes: Vec<u8>) -> Result<Cleaned, Unreadable> {
    read_within(EvidenceLimits::default(), bytes).await
}

/// As [`read`], of what may take longer than a reader has: nobody needs to wait for all of it.
async fn read_shortly(bytes: Vec<u8>) -> Result<Cleaned, Unreadable> {
    read_within(EvidenceLimits { seconds: 3, ..EvidenceLimits::default() }, bytes).await
}

async fn read_within(limits: EvidenceLimits, bytes: Vec<u8>) -> Result<Cleaned, Unreadable> {
    let readers = OwnProcess::of(env!("CARGO_BIN_EXE_homebound").into(), limits);
    let reading = readers.read(bytes.into());
    match tokio::time::timeout(Duration::from_secs(6 * limits.seconds), reading).await.expect("a reader's time is limited") {
        Ok(cleaned) => Ok(cleaned),
        Err(ReadError::Unreadable(unreadable)) => Err(unreadable),
        Err(ReadError::Reader(error)) => panic!("a file is nobody's fault but its own: {error}"),
    }
}

#[track_caller]
fn assert_refused(what: &str, answer: &Result<Cleaned, Unreadable>) {
    println!("{what}: {}", answer.as_ref().map_or_else(ToString::to_string, |_| "read".into()));
    assert!(answer.is_err(), "{what}");
}

/// Bytes of which each mebibyte is the same, packed.
fn packed(mebibyte: &[u8], times: usize) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    (0..times).for_each(|_| packed.write_all(mebibyte).unwrap());
    packed.finish().unwrap()
}

fn zeros(mebibytes: usize) -> Vec<u8> {
    packed(&vec![0; MIB], mebibytes)
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    [format!("<<{entries}/Length {}>>stream\n", data.len()).as_bytes(), data, b"\nendstream"].concat()
}

/// A document of one page, which draws `drawing` with `resources`; `more` are the objects from 5 on.
fn document(drawing: &[u8], resources: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<{resources}>>/Contents 4 0 R>>").into_bytes(),
        drawing.to_vec(),
    ];
    objects.extend_from_slice(more);
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (number, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf.extend([format!("{} 0 obj\n", number + 1).as_bytes(), object, b"\nendobj\n"].concat());
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    let end = format!("xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    pdf.extend_from_slice(end.as_bytes());
    pdf
}

fn drawing(text: &str) -> Vec<u8> {
    stream("", text.as_bytes())
}

/// Draws the object 5, which is a picture of those entries.
fn with_picture(entries: &str, data: &[u8]) -> Vec<u8> {
    let picture = stream(&format!("/Type/XObject/Subtype/Image{entries}"), data);
    document(&drawing("500 0 0 500 0 0 cm /X Do"), "/XObject<</X 5 0 R>>", &[picture])
}

/// Every filter of documents, long and short (ISO 32000-2, tables 6 and 92).
const FILTERS: [&str; 19] = [
    "ASCIIHexDecode",
    "AHx",
    "ASCII85Decode",
    "A85",
    "LZWDecode",
    "LZW",
    "FlateDecode",
    "Fl",
    "Flate#44ecode",
    "RunLengthDecode",
    "RL",
    "CCITTFaxDecode",
    "CCF",
    "JBIG2Decode",
    "DCTDecode",
    "DCT",
    "JPXDecode",
    "Crypt",
    "Unknown",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_packed_again_and_again_are_refused() {
    // 1 GiB, and its packing packed three times: 744 bytes of this kind ended the server once.
    let mut nested = zeros(1024);
    for _ in 0..3 {
        nested = packed(&nested, 1);
    }
    println!("four layers: {} bytes", nested.len());
    let four = "/Filter[/FlateDecode/FlateDecode/FlateDecode/FlateDecode]";
    let elsewhere = [b"4 0 R".to_vec(), b"[/FlateDecode/FlateDecode/FlateDecode/FlateDecode]".to_vec()];
    for (what, bomb) in [
        ("drawing", document(&stream(four, &nested), "", &[])),
        ("unused", document(&drawing(""), "", &[stream(four, &nested)])),
        ("picture", with_picture(&format!("/Width 9/Height 9/ColorSpace/DeviceGray/BitsPerComponent 8{four}"), &nested)),
        ("objects", document(&drawing(""), "", &[stream(&format!("/Type/ObjStm/N 1/First 4{four}"), &nested)])),
        ("named elsewhere", document(&stream("/Filter 6 0 R", &nested), "", &elsewhere)),
        ("as text", document(&stream("/Filter[/AHx/Fl/Fl/Fl/Fl]", &hex(&nested)), "", &[])),
    ] {
        assert_refused(what, &read(bomb).await);
    }
    for filter in FILTERS {
        for what in ["repeated", "after another", "before another"] {
            let filters = match what {
                "repeated" => format!("/{filter}").repeat(40),
                "after another" => format!("/Fl/Fl/{filter}"),
                _ => format!("/{filter}/Fl/Fl"),
            };
            // Whoever asks for a filter that is none gets its bytes as they are.
            let answer = read(document(&stream(&format!("/Filter[{filters}]"), &zeros(1)), "", &[])).await;
            let known = filter != "Unknown" || what != "repeated";
            assert_eq!(answer.as_ref().err().map(Unreadable::code), known.then_some("packed"), "{filter} {what}: {answer:?}");
        }
    }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_of_streams_without_end_are_refused() {
    let much = zeros(1024);
    let text = [b"BI /W 9 /H 9 /CS /G /BPC 8 /F /Fl ID ".as_slice(), &much, b"\nEI"].concat();
    let runs: Vec<u8> = [129, 0].repeat(2 * MIB);
    // Each within its bound: the sum is not.
    let many = vec![stream("/Filter/FlateDecode", &zeros(16)); 70];
    for (what, bomb) in [
        ("once", document(&stream("/Filter/FlateDecode", &much), "", &[])),
        ("without a head", document(&stream("/Filter/FlateDecode", &much[2..]), "", &[])),
        ("runs", document(&stream("/Filter/RunLengthDecode", &runs), "", &[])),
        ("as text", document(&stream("/Filter[/A85/Fl]", &base_85(&much)), "", &[])),
        ("within a drawing", document(&stream("", &text), "", &[])),
        ("many", document(&drawing(""), "", &many)),
    ] {
        let answer = read(bomb).await;
        assert_refused(what, &answer);
        assert!(!matches!(answer, Err(Unreadable::TooLarge { .. })), "{what} is not looked at");
    }
}

fn base_85(bytes: &[u8]) -> Vec<u8> {
    let digits = |four: &[u8]| {
        let mut value = four.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        let mut digits = [0; 5];
        digits.iter_mut().rev().for_each(|digit| {
            *digit = b'!' + (value % 85) as u8;
            value /= 85;
        });
        digits
    };
    let mut text: Vec<u8> = bytes.chunks_exact(4).flat_map(digits).collect();
    text.extend(b"~>");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_lie_about_their_pictures_are_refused_or_read() {
    let mut wide = jpeg(64, 64);
    let frame = wide.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    wide[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
    let (width, height) = (30_000, 30_000);
    let size = format!("/Width {width}/Height {height}/BitsPerComponent 8");
    // The head of a segment with a page of 4 thousand million pixels each way (ITU T.88, 7.4.8).
    let mut jbig2 = vec![0, 0, 0, 0, 0x30, 0, 1, 0, 0, 0, 19];
    jbig2.extend([[0x7F, 0xFF, 0xFF, 0xFF]; 2].concat());
    jbig2.extend([0; 11]);
    let fax = "/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 2000000000/Rows 2000000000>>";
    let columns = "/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 2000000000/Colors 4/BitsPerComponent 16>>";
    let small = "/Width 90/Height 90/BitsPerComponent 1/ColorSpace/DeviceGray";
    for (what, bomb) in [
        ("size", with_picture(&format!("{size}/ColorSpace/DeviceRGB/Filter/FlateDecode"), &zeros(1))),
        ("photo", with_picture("/Width 64/Height 64/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode", &wide)),
        (
            "many scans",
            with_picture("/Width 64/Height 64/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter[/Fl/DCT]", &packed(&scans(64, 500), 1)),
        ),
    ] {
        assert_refused(what, &read(bomb).await);
    }
    for (what, bomb) in [
        ("pages of JBIG2", with_picture(&format!("{small}/Filter/JBIG2Decode"), &jbig2)),
        ("fax", with_picture(&format!("{small}{fax}"), &vec![0; MIB])),
        ("columns", with_picture(&format!("{small}{columns}"), &zeros(1))),
    ] {
        println!("{what}: {:?}", read(bomb).await.map(|kept| kept.pages));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_of_nothing_but_beginnings_end_soon() {
    let full = |text: &str| {
        let mut pdf = b"%PDF-1.7\n".to_vec();
        pdf.extend(text.as_bytes().iter().cycle().take(20 * MIB - pdf.len()));
        pdf
    };
    for text in [
        "stream",
        "stream\n",
        "obj ",
        "1 0 obj<<>>stream\n",
        "1 0 obj<<",
        "[",
        "<<",
        "<</A ",
        "(",
        "%",
        "trailer<</Root 1 0 R>>",
        "/Encryp",
    ] {
        assert_refused(text, &read_shortly(full(text)).await);
    }
    assert_refused("slow", &read_shortly(slow()).await);
    // Within each other, in what is drawn and in what is looked up.
    let deep = 4 * MIB;
    for (what, bomb) in [
        ("lists drawn", document(&stream("", &[b'['].repeat(deep)), "", &[])),
        ("tables drawn", document(&stream("", &b"<<".repeat(deep)), "", &[])),
        ("states kept", document(&stream("", &b"q ".repeat(deep)), "", &[])),
        ("lists", document(&drawing("/X gs"), "/ExtGState<</X 5 0 R>>", &[[b'['].repeat(deep)])),
        (
            "procedures",
            document(
                &drawing("/X sh"),
                "/Shading<</X<</ShadingType 1/ColorSpace/DeviceGray/Function 5 0 R>>>>",
                &[stream("/FunctionType 4/Domain[0 1 0 1]/Range[0 1]", &[b'{'].repeat(deep))],
            ),
        ),
    ] {
        println!("{what}: {:?}", read_shortly(bomb).await.map(|kept| kept.pages));
    }
    let circle = document(
        &drawing("/X Do"),
        "/XObject<</X 5 0 R>>",
        &[stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>", b"/X Do /X Do")],
    );
    println!("circle: {:?}", read_shortly(circle).await.map(|kept| kept.pages));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_need_a_password_are_refused_as_such() {
    for key in ["/Encrypt", "/#45ncrypt", "/Encryp#74"] {
        let open = document(&drawing(""), "", &[]);
        let at = open.windows(6).position(|word| word == b"/Root ").unwrap();
        let locked = [&open[..at], key.as_bytes(), b" 9 0 R", &open[at..]].concat();
        assert_eq!(read(locked).await, Err(Unreadable::Locked), "{key}");
    }
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    file(&RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90])), ImageFormat::Jpeg)
}

fn file(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG in so many scans (ITU T.81, annex G): each begins with a bit of nothing, to the end of its blocks.
fn scans(side: u16, count: usize) -> Vec<u8> {
    let [high, low] = side.to_be_bytes();
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    jpeg.extend([1; 64]);
    jpeg.extend([0xFF, 0xC2, 0, 11, 8, high, low, high, low, 1, 1, 0x11, 0]);
    // Two codes of one bit: no difference, and a run of 32,767 blocks without more.
    for (class, symbol) in [(0x00, 0x00), (0x10, 0xE0)] {
        jpeg.extend([0xFF, 0xC4, 0, 20, class, 1]);
        jpeg.extend([0; 15]);
        jpeg.push(symbol);
    }
    jpeg.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0]);
    jpeg.extend(vec![0; usize::from(side / 8).pow(2).div_ceil(8)]);
    for _ in 1..count {
        jpeg.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0]);
        jpeg.extend([0x7F, 0xFC].repeat(usize::from(side / 8).pow(2).div_ceil(32_767)));
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(data);
    [&(data.len() as u32).to_be_bytes()[..], kind, data, &sum.sum().to_be_bytes()].concat()
}

/// A PNG of that size, depth, colour (0: grey, 2: RGB, 6: with alpha) and interlacing, with those chunks before its zeros.
fn png(width: u32, height: u32, [depth, colour, interlaced]: [u8; 3], before: &[Vec<u8>]) -> Vec<u8> {
    let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(colour)];
    let line = (u64::from(width) * channels * u64::from(depth)).div_ceil(8) + 1;
    // Each of seven passes takes a byte or two more for each of its lines.
    let bytes = (line + 8 * u64::from(interlaced)) * u64::from(height);
    png_of(width, height, [depth, colour, interlaced], before, bytes as usize / MIB + 1)
}

fn png_of(width: u32, height: u32, [depth, colour, interlaced]: [u8; 3], before: &[Vec<u8>], mebibytes: usize) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, interlaced]].concat();
    let start = b"\x89PNG\r\n\x1a\n".to_vec();
    let pixels = png_chunk(b"IDAT", &zeros(mebibytes));
    [start, png_chunk(b"IHDR", &head), before.concat(), pixels, png_chunk(b"IEND", b"")].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_extreme_sides_are_refused_or_read() {
    const RGB: [u8; 3] = [8, 2, 0];
    for (what, bomb) in [
        ("59,000,000 across", png_of(59_000_000, 1, RGB, &[], 170)),
        ("59,000,000 down", png_of(1, 59_000_000, RGB, &[], 9)),
        ("33,000 across", png_of(33_000, 1_000, RGB, &[], 9)),
        ("16 bits with alpha", png_of(8_000, 7_000, [16, 6, 1], &[], 9)),
        ("photo, too wide", wide(jpeg(64, 64), 65_500, 900)),
        ("photo, too large", wide(jpeg(64, 64), 30_000, 30_000)),
        ("photo in scans", scans(5_000, 5_000)),
        ("GIF, too wide", gif(65_535, 900, 1)),
        ("GIF, too large", gif(30_000, 30_000, 1)),
        ("BMP, too long", bmp(1, i32::MAX, 1)),
        ("BMP, too large", bmp(30_000, 30_000, 1)),
        ("WebP, too large", webp(16_383, 16_383)),
    ] {
        assert_refused(what, &read(bomb).await);
    }
    let line = file(&RgbImage::new(16_000, 3), ImageFormat::WebP);
    for (what, large, size) in [
        ("32,768 across", png(32_768, 1, RGB, &[]), (2_400, 1)),
        ("32,768 down", png(1, 32_768, RGB, &[]), (1, 2_400)),
        ("as many pixels as there may be", png(32_768, 1_800, RGB, &[]), (2_400, 132)),
        ("in passes", png(7_000, 7_000, [8, 2, 1], &[]), (2_400, 2_400)),
        ("16 bits", png(4_600, 4_600, [16, 6, 1], &[]), (2_400, 2_400)),
        ("one bit", png(7_700, 7_700, [1, 0, 1], &[]), (2_400, 2_400)),
        ("photo", jpeg(3_000, 3_000), (2_400, 2_400)),
        ("GIF", gif(32_768, 1_800, 1), (2_400, 132)),
        ("films of GIF", gif(600, 600, 50_000), (600, 600)),
        ("WebP", line, (2_400, 1)),
    ] {
        let kept = read(large).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        println!("{what}: {} bytes", kept.bytes.len());
        assert_eq!((kept.width, kept.height), size, "{what}");
    }
}

fn wide(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// A screen of that size on which pictures of one pixel follow each other.
fn gif(width: u16, height: u16, pictures: usize) -> Vec<u8> {
    let [across, down] = [width.to_le_bytes(), height.to_le_bytes()];
    let mut gif = [b"GIF89a".as_slice(), &across, &down, b"\x80\0\0\0\0\0\xff\xff\xff"].concat();
    gif.extend(b",\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0".repeat(pictures));
    gif.push(b';');
    gif
}

/// A BMP in runs (compression 1), of which there are none.
fn bmp(width: i32, height: i32, compression: u32) -> Vec<u8> {
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\x04\0\0".to_vec();
    bmp.extend(40_u32.to_le_bytes());
    bmp.extend(width.to_le_bytes());
    bmp.extend(height.to_le_bytes());
    bmp.extend([1, 0, 8, 0]);
    bmp.extend(compression.to_le_bytes());
    bmp.extend([0; 20]);
    bmp.extend([0; 1024]);
    bmp.extend([0, 1]);
    bmp
}

/// The head of a lossless WebP, and nothing of its pixels (RFC 9649, 3.4).
fn webp(width: u32, height: u32) -> Vec<u8> {
    let size = (width - 1) | (height - 1) << 14;
    let mut data = vec![0x2F];
    data.extend(size.to_le_bytes());
    data.extend([0; 64]);
    let chunk = [b"VP8L".as_slice(), &(data.len() as u32).to_le_bytes(), &data, &[0]].concat();
    [b"RIFF".as_slice(), &(chunk.len() as u32 + 4).to_le_bytes(), b"WEBP", &chunk].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_beside_a_picture_does_not_weigh() {
    let much = zeros(500);
    let chunk = |kind: &[u8; 4], head: &[u8]| vec![png_chunk(kind, &[head, &much].concat())];
    let of = |before: &[Vec<u8>]| png(300, 200, [8, 2, 0], before);
    let segments = |marker: u8, head: &[u8]| {
        let segment = [&[0xFF, marker, 0xFF, 0xFF], head, &vec![7; 65_533 - head.len()]].concat();
        let photo = jpeg(300, 200);
        [&photo[..2], &segment.repeat(290), &photo[2..]].concat()
    };
    for (what, picture) in [
        ("text", of(&chunk(b"zTXt", b"Comment\0\0"))),
        ("more text", of(&chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0"))),
        ("many texts", of(&vec![png_chunk(b"tEXt", b"a\0b"); 500_000])),
        ("Exif in a JPEG", segments(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff")),
        ("profiles in a JPEG", segments(0xE2, b"ICC_PROFILE\0\x01\xff")),
        ("comments in a JPEG", segments(0xFE, b"")),
        ("frames of a film", of(&[png_chunk(b"acTL", &[0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])])),
        ("a profile", of(&chunk(b"iCCP", b"Display P3\0\0"))),
    ] {
        let kept = read(picture).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((kept.width, kept.height), (300, 200), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_is_confined_and_knows_nothing() {
    let limits = EvidenceLimits { seconds: 7, ..EvidenceLimits::default() };
    let mut reader = tokio::process::Command::new(env!("CARGO_BIN_EXE_homebound"))
        .args(["read-upload", &serde_json::to_string(&limits).unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = reader.stdin.take().unwrap();
    // It is confined before it reads: once it took more than a pipe holds, it is.
    input.write_all(&vec![0; MIB]).await.unwrap();
    let told = std::fs::read_to_string(format!("/proc/{}/limits", reader.id().unwrap())).unwrap();
    let most = |name: &str| {
        let line = told.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().parse::<u64>().unwrap()
    };
    assert!(most("Max address space") < 1 << 30, "{told}");
    assert_eq!([most("Max cpu time"), most("Max core file size"), most("Max file size"), most("Max open files")], [7, 0, 0, 3]);
    drop(input);
    assert!(reader.wait().await.unwrap().success());

    // What a reader gets from the portal, told by a program that shows its environment and its open files instead.
    let folder = tempfile::tempdir().unwrap();
    let shown = folder.path().join("shown");
    let spy = script(folder.path(), &format!("env > {0}; ls /proc/self/fd >> {0}; pwd >> {0}", shown.display()));
    let refused = OwnProcess::of(spy, limits).read(photo(1).into()).await;
    assert!(matches!(refused, Err(ReadError::Unreadable(_))), "{refused:?}");
    let shown = std::fs::read_to_string(shown).unwrap();
    let names: Vec<_> =
        shown.lines().filter_map(|line| Some(line.split_once('=')?.0)).filter(|name| !["PWD", "SHLVL", "_"].contains(name)).collect();
    assert!(names.iter().all(|name| name.starts_with("MIMALLOC_")), "{shown}");
    assert!(shown.ends_with("\n/\n"), "{shown}");
}

/// A program of a few words for the shell.
fn script(folder: &Path, words: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(format!("reader-{:x}", rand_name(words)));
    std::fs::write(&path, format!("#!/bin/sh\n{words}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn rand_name(words: &str) -> usize {
    words.bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_answers_nonsense_or_not_at_all_is_ended_and_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let limits = EvidenceLimits { seconds: 1, bytes: MIB, ..EvidenceLimits::default() };
    let script_head = r#"{"Read":{"preview":4,"pages":[[4,null]]}}"#;
    for words in [
        "sleep 1000",
        "cat > /dev/null; yes",
        "kill -9 $$",
        "kill -6 $$",
        "echo",
        "echo '{}'",
        &format!("cat > /dev/null; echo '{script_head}'; printf evilevil"),
    ] {
        let answer = OwnProcess::of(script(folder.path(), words), limits).read(photo(1).into()).await;
        assert!(matches!(answer, Err(ReadError::Unreadable(Unreadable::Broken { .. }))), "{words}: {answer:?}");
    }
    for words in ["exit 1", "nothing-of-this-name"] {
        let answer = OwnProcess::of(script(folder.path(), words), limits).read(photo(1).into()).await;
        assert!(matches!(answer, Err(ReadError::Reader(_))), "{words}: {answer:?}");
    }
    let nobody = OwnProcess::of(folder.path().join("nobody"), limits).read(photo(1).into()).await;
    assert!(matches!(nobody, Err(ReadError::Reader(_))), "{nobody:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "reads a folder of one's own: HOMEBOUND_TEST_UPLOADS names it"]
async fn every_file_of_a_folder_is_refused_or_read_within_bounds() {
    let folder = std::env::var_os("HOMEBOUND_TEST_UPLOADS").expect("HOMEBOUND_TEST_UPLOADS names a folder of files");
    let (mut folders, mut files) = (vec![std::path::PathBuf::from(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { folders.push(entry) } else { files.push(entry) }
        }
    }
    files.sort();
    let limits = EvidenceLimits::default();
    let mut answers = std::collections::BTreeMap::<String, usize>::new();
    for file in &files {
        let name = file.display();
        // Who takes longer than a reader may is a panic there.
        let answer = match read(std::fs::read(file).unwrap()).await {
            Ok(kept) => {
                assert!(kept.width.max(kept.height) <= limits.longest_side && kept.width.min(kept.height) > 0, "{name}");
                let shown =
                    image::load_from_memory_with_format(&kept.preview, ImageFormat::Jpeg).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(shown.width().max(shown.height()) <= 320, "{name}");
                assert!(kept.bytes.starts_with(b"\xff\xd8") || kept.bytes.starts_with(b"%PDF-"), "{name}");
                "read".to_owned()
            }
            Err(refused) => refused.code().to_owned(),
        };
        println!("{name}: {answer}");
        *answers.entry(answer).or_default() += 1;
    }
    println!("{} files: {answers:?}", files.len());
    assert!(!files.is_empty());
}

/// A document that keeps its reader busy for an hour: a string that does not end is looked through for each of its beginnings.
fn slow() -> Vec<u8> {
    let mut pdf = [b"%PDF-1.7\n".as_slice(), &b"1 0 obj<<(".repeat(49_000)].concat();
    pdf.resize(19 * MIB, b' ');
    pdf
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_answers_others_while_it_reads_bombs() {
    let app = TestApp::with(sqlite().await, |config| config.limits.evidence.seconds = 5).await;
    app.put_order(&order("10248")).await;
    // Both readers are kept busy to the end of their time.
    let bomb = slow();
    let form = |name: &'static str, bytes: Vec<u8>| Form::new().part("file", Part::bytes(bytes).file_name(name));
    let sent: Vec<_> = (0..2)
        .map(|_| tokio::spawn(app.api("POST", "/evidence?order=10248&line=2").multipart(form("bomb.pdf", bomb.clone())).send()))
        .collect();
    let mut answered = 0;
    while !sent.iter().all(tokio::task::JoinHandle::is_finished) {
        let page = app.client.get(format!("{}/", app.base)).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        answered += 1;
    }
    assert!(answered > 1, "{answered}");
    for bomb in sent {
        let answer = bomb.await.unwrap().unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().await.unwrap().contains("evidence-broken"));
    }
    // And the next photo is read.
    let kept = app.api("POST", "/evidence?order=10248&line=2").multipart(form("lamp.jpg", photo(1))).send().await.unwrap();
    assert_eq!(kept.status(), StatusCode::CREATED);
}
