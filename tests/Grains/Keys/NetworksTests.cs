using System.Net;
using SessionManager.Keys;

namespace SessionManager.Tests.Keys;

public sealed class NetworksTests
{
    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.255", true)]
    [InlineData("203.0.113.0/24", "203.0.114.0", false)]
    [InlineData("203.0.113.0/24", "::ffff:203.0.113.9", true)]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "203.0.113.7", false)]
    [InlineData("0.0.0.0/0", "198.51.100.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    public void A_network_has_the_addresses_under_its_prefix(string network, string address, bool has) =>
        Assert.Equal(has, Networks.AnyHas([network], IPAddress.Parse(address)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("1")]
    [InlineData("010.0.0.1")]
    [InlineData("203.0.113.7/24")]
    [InlineData("203.0.113.0/33")]
    [InlineData("203.0.113.0/-1")]
    [InlineData("::ffff:203.0.113.0/120")]
    [InlineData("fe80::1%1")]
    public void What_is_no_network_is_not_taken_for_one(string? text) => Assert.False(Networks.TryParse(text, out _));

    [Fact]
    public void An_unknown_address_is_in_no_network() => Assert.False(Networks.AnyHas(["0.0.0.0/0"], null));
}
