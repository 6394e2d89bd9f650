using System.Security.Cryptography;
using SessionManager.Randomness;
using SessionManager.Secrets;
using SessionManager.Signing;

namespace SessionManager.Tests.Secrets;

public class SecretProtectorTests
{
    static readonly byte[] Secret = "a private key"u8.ToArray();
    readonly SecretProtector _protector = With(1);

    [Fact]
    public void A_secret_is_read_back_and_never_looks_the_same_twice()
    {
        var (one, other) = (_protector.Protect(Secret), _protector.Protect(Secret));

        Assert.Equal(Secret, _protector.Unprotect(one));
        Assert.Equal(Secret, _protector.Unprotect(other));
        Assert.NotEqual(one, other);
        Assert.Equal(-1, one.AsSpan().IndexOf(Secret));
    }

    [Fact]
    public void Another_master_key_does_not_read_it() =>
        Assert.ThrowsAny<CryptographicException>(() => With(2).Unprotect(_protector.Protect(Secret)));

    [Fact]
    public void A_change_of_any_byte_is_noticed()
    {
        var data = _protector.Protect(Secret);
        for (var i = 0; i < data.Length; i++)
        {
            var changed = data.ToArray();
            changed[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => _protector.Unprotect(changed));
        }
    }

    [Fact]
    public void A_secret_that_was_cut_short_is_refused()
    {
        var data = _protector.Protect(Secret);
        for (var length = 0; length < data.Length; length++)
            Assert.ThrowsAny<CryptographicException>(() => _protector.Unprotect(data.AsSpan(0, length)));
    }

    static SecretProtector With(byte fill) => new([.. Enumerable.Repeat(fill, SecretProtector.KeyBytes)], new SystemRandomSource());
}
