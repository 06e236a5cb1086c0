"""Publishing: verified before it is written, written once, and never again."""

import hashlib
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from delivery.artifacts import samples
from delivery.artifacts.objects import AlreadyThere, Bucket, Served, Stored
from delivery.artifacts.publish import lacking, publish, sha256sums
from delivery.rules.problem import Refused

DEB = "espice/1.4.0/ESpice_1.4.0_amd64.deb"
NEW = "what was published once stays as it is: give the new build a new version"


@pytest.fixture(scope="module")
def two(facts):
    """Two versions are enough."""
    return replace(facts, versions={name: facts.versions[name] for name in ("1.3.0", "1.4.0")})


def fetch(version, target, bundle):
    return samples.build("ESpice", version, target, bundle)


def other_bytes(version, target, bundle):
    data = fetch(version, target, bundle)
    return data[:-1] + b"!" if (version, bundle) == ("1.4.0", "deb") else data


def nobody(version, target, bundle):
    raise AssertionError(f"{version} {target} {bundle} was fetched for nothing")


def test_everything_is_written_to_both_buckets_with_its_sums_last(two, archive, downloads):
    heard = []
    done = publish(two, "laptop", fetch, archive, downloads, heard.append)
    assert archive.puts == downloads.puts
    assert len(archive.puts) == 2 * (9 + 1)
    assert archive.puts[9] == "espice/1.3.0/SHA256SUMS"
    assert archive.puts[19] == "espice/1.4.0/SHA256SUMS"
    assert done.written == tuple(heard)
    assert set(heard) == {f"{name}/{key}" for name in ("archive", "downloads") for key in archive.puts}
    assert done.complete == ()


def test_objects_are_served_as_downloads_that_never_change(two, archive, downloads):
    publish(two, "laptop", fetch, archive, downloads)
    data, digest, served = downloads.objects["espice/1.4.0/ESpice_1.4.0_aarch64.app.tar.gz"]
    assert digest == hashlib.sha256(data).hexdigest()
    assert served == Served(
        "application/gzip",
        'attachment; filename="ESpice_1.4.0_aarch64.app.tar.gz"',
        "public, max-age=31536000, immutable",
    )


def test_a_second_run_fetches_and_writes_nothing(two, archive, downloads):
    publish(two, "laptop", fetch, archive, downloads)
    downloads.reads.clear()
    done = publish(two, "laptop", nobody, archive, downloads)
    assert (done.written, done.complete) == ((), ("1.3.0", "1.4.0"))
    assert downloads.reads == []
    assert archive.reads == ["espice/1.3.0/SHA256SUMS", "espice/1.4.0/SHA256SUMS"]  # its ETags are no MD5


def test_what_lacks_in_any_store_is_known_before_it_is_fetched(two, archive, downloads):
    def files():
        return [piece.artifact.file for piece in lacking(two, (archive, downloads))]

    assert len(files()) == 2 * 9
    publish(two, "laptop", fetch, archive, downloads)
    del downloads.objects["espice/1.4.0/SHA256SUMS"]
    assert files() == []
    del downloads.objects[DEB], archive.objects[DEB.replace("1.4.0", "1.3.0")]
    assert files() == ["ESpice_1.3.0_amd64.deb", "ESpice_1.4.0_amd64.deb"]


def test_a_run_that_was_cut_short_is_gone_on_with(two, archive, downloads):
    publish(two, "laptop", fetch, archive, downloads)
    for key in (DEB, "espice/1.4.0/SHA256SUMS"):
        del downloads.objects[key]
    done = publish(two, "laptop", fetch, archive, downloads)
    assert done.written == (f"downloads/{DEB}", "downloads/espice/1.4.0/SHA256SUMS")


def test_a_file_that_vanished_is_brought_back_although_the_sums_are_there(two, archive, downloads):
    publish(two, "laptop", fetch, archive, downloads)
    del downloads.objects[DEB]
    assert publish(two, "laptop", fetch, archive, downloads).written == (f"downloads/{DEB}",)


def test_what_does_not_verify_is_refused_and_the_rest_is_published(two, archive, downloads):
    with pytest.raises(Refused) as refused:
        publish(two, "laptop", other_bytes, archive, downloads)
    filed = two.versions["1.4.0"]
    artifact = filed.value.artifacts["linux-x86_64"]["deb"]
    found = hashlib.sha256(other_bytes("1.4.0", "linux-x86_64", "deb")).hexdigest()
    place = "artifacts.linux-x86_64.deb"
    line = filed.line("artifacts", "linux-x86_64", "deb", "sha256")
    assert str(refused.value).splitlines() == [
        f"releases/versions/1.4.0.yaml:{line}: {place}.sha256: {artifact.file} has sha256 {found}, "
        f"the fact says {artifact.sha256}; "
        "build the fact from the very file that is uploaded; never edit one of the two",
        f"releases/versions/1.4.0.yaml:{line + 1}: {place}.signature: the signature does not fit the bytes of "
        f"{artifact.file}; sign the file with: tauri signer sign --app-version VERSION FILE",
    ]
    assert DEB not in archive.objects
    assert "espice/1.4.0/SHA256SUMS" not in downloads.objects  # so the version is never taken for complete
    assert "espice/1.3.0/SHA256SUMS" in downloads.objects


def test_nothing_that_another_environment_alone_trusts_is_published(two, archive, downloads):
    with pytest.raises(Refused, match="which is not trusted here"):
        publish(two, "production", fetch, archive, downloads)
    assert not any(key.endswith((".deb", ".exe", "SHA256SUMS")) for key in (*archive.objects, *downloads.objects))


@pytest.mark.parametrize("said", [True, False])
def test_an_object_with_other_bytes_is_an_error_and_stays(two, archive, downloads, said):
    digest = hashlib.sha256(b"other").hexdigest()
    downloads.objects[DEB] = (b"other", digest if said else None, None)
    with pytest.raises(Refused) as refused:
        publish(two, "laptop", fetch, archive, downloads)
    filed = two.versions["1.4.0"]
    artifact = filed.value.artifacts["linux-x86_64"]["deb"]
    line = filed.line("artifacts", "linux-x86_64", "deb", "file")
    assert str(refused.value) == (
        f"releases/versions/1.4.0.yaml:{line}: artifacts.linux-x86_64.deb.file: "
        f"downloads/{DEB} is there already with sha256 {digest}, not {artifact.sha256}; {NEW}"
    )
    assert downloads.objects[DEB][0] == b"other"


def test_sums_of_another_build_are_an_error(two, archive, downloads):
    downloads.objects["espice/1.4.0/SHA256SUMS"] = (b"x", None, None)
    with pytest.raises(Refused, match=r"downloads/espice/1\.4\.0/SHA256SUMS is there already with sha256 2d711642"):
        publish(two, "laptop", fetch, archive, downloads)


def test_somebody_else_who_writes_the_same_at_the_same_time_does_no_harm(two, archive, downloads):
    publish(two, "laptop", fetch, archive, downloads)
    downloads.listing = lambda _: {}
    assert publish(two, "laptop", fetch, archive, downloads).written == ()


def test_sums_are_what_sha256sum_reads(two):
    version = two.versions["1.4.0"].value
    lines = sha256sums(version).decode().splitlines()
    assert len(lines) == 9
    deb = version.artifacts["linux-x86_64"]["deb"]
    assert f"{deb.sha256}  {deb.file}" in lines


def test_a_real_bucket_does_what_the_port_says(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        bucket = Bucket(client, "bucket")
        served = Served("text/plain", "inline", "no-store")
        bucket.put_new("espice/1", b"one", "digest", served)
        with pytest.raises(AlreadyThere):
            bucket.put_new("espice/1", b"two", "digest", served)
        client.put_object(Bucket="bucket", Key="other", Body=b"without metadata")
        assert bucket.listing("espice/") == {"espice/1": Stored(3, hashlib.md5(b"one").hexdigest())}  # noqa: S324
        assert bucket.get("espice/1") == b"one"
        assert (bucket.sha256("espice/1"), bucket.sha256("other")) == ("digest", None)
        head = client.head_object(Bucket="bucket", Key="espice/1")
        assert (head["ContentType"], head["ContentDisposition"], head["CacheControl"]) == (
            "text/plain",
            "inline",
            "no-store",
        )
