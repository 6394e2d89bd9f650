using System.Net;
using SessionManager.Api.Signaling.Ice;

namespace SessionManager.Tests.Signaling;

/// <summary>RFC 8489, and its test vectors in RFC 5769.</summary>
public class StunMessageTests
{
    /// <summary>RFC 5769, section 2.1: with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY and FINGERPRINT.</summary>
    static readonly byte[] SampleRequest = Convert.FromHexString(
        "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36"
        + "000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf");

    /// <summary>The transaction of section 2.2, whose answer shows 192.0.2.1:32853 as e112a643 behind a147.</summary>
    [Fact]
    public void The_sample_request_is_answered_with_the_sample_answers_address()
    {
        var answer = Answer(SampleRequest, "192.0.2.1", 32853);
        Assert.Equal("0101000c2112a442b7e7a701bc34d686fa87dfae00200008" + "0001a147e112a643", Convert.ToHexStringLower(answer));
    }

    /// <summary>Section 2.3.</summary>
    [Fact]
    public void An_IPv6_address_is_told_as_the_sample_tells_it()
    {
        var answer = Answer(SampleRequest, "2001:db8:1234:5678:11:2233:4455:6677", 32853);
        Assert.Equal("00200014" + "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9", Convert.ToHexStringLower(answer[20..]));
    }

    [Fact]
    public void An_IPv4_address_that_came_by_an_IPv6_socket_is_told_as_what_it_is()
    {
        Assert.Equal(Answer(SampleRequest, "192.0.2.1", 32853), Answer(SampleRequest, "::ffff:192.0.2.1", 32853));
    }

    [Fact]
    public void A_changed_bit_under_a_fingerprint_is_noticed()
    {
        var changed = (byte[])SampleRequest.Clone();
        changed[30] ^= 1;
        Assert.Empty(Answer(changed, "192.0.2.1", 32853));
    }

    [Fact]
    public void An_attribute_that_must_be_understood_and_is_not_is_named()
    {
        var request = Convert.FromHexString("000100082112a442000102030405060708090a0b" + "7fff0004aabbccdd");
        var answer = Answer(request, "192.0.2.1", 32853);
        Assert.Equal("011100102112a442000102030405060708090a0b" + "0009000400000414" + "000a00027fff0000", Convert.ToHexStringLower(answer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("000100002112a442000102030405060708090a")]
    [InlineData("000100002112a443000102030405060708090a0b")]
    [InlineData("010100002112a442000102030405060708090a0b")]
    [InlineData("001100002112a442000102030405060708090a0b")]
    [InlineData("000100042112a442000102030405060708090a0b")]
    [InlineData("000100042112a442000102030405060708090a0b80220008")]
    [InlineData("474554202f20485454502f312e310d0a0d0a0d0a")]
    public void What_is_no_binding_request_gets_no_answer(string datagram) =>
        Assert.Empty(Answer(Convert.FromHexString(datagram), "192.0.2.1", 32853));

    static byte[] Answer(byte[] request, string address, int port)
    {
        Span<byte> answer = stackalloc byte[StunMessage.MaxAnswer];
        answer.Fill(0xEE);
        return answer[..StunMessage.Answer(request, new(IPAddress.Parse(address), port), answer)].ToArray();
    }
}
