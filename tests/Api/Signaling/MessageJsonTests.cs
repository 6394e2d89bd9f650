using System.Buffers;
using System.Text;
using SessionManager.Api.Signaling;

namespace SessionManager.Tests.Signaling;

public class MessageJsonTests
{
    [Fact]
    public void Type_ids_and_message_are_found_wherever_they_stand()
    {
        const string text = """{"a":{"type":"inner","b":[1,{"session_id":"x"}]},"session_id":"s","connection_id":"c","message":{ "type":"offer"},"type":"t"}""";
        Assert.True(MessageJson.TryRead(new(Encoding.UTF8.GetBytes(text)), out var head));
        Assert.Equal(("t", "s", "c"), (head.Type, head.SessionId, head.ConnectionId));
        Assert.Equal("""{ "type":"offer"}""", text.Substring(head.MessageStart, head.MessageLength));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{} {}")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":"a","type":"a"}""")]
    [InlineData("""{"type":"\ud800"}""")]
    [InlineData("""{"session_id":5}""")]
    [InlineData("""{"message":{},"message":{}}""")]
    [InlineData("""{"message":"{}"}""")]
    [InlineData("""{'type':'a'}""")]
    public void What_is_not_exactly_one_unambiguous_object_is_refused(string text) =>
        Assert.False(MessageJson.TryRead(new(Encoding.UTF8.GetBytes(text)), out _));

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.False(MessageJson.TryRead(new(Encoding.UTF8.GetBytes("""{"a":""" + new string('[', 100) + new string(']', 100) + "}")), out _));

    [Fact]
    public void A_type_longer_than_any_known_is_read_as_unknown()
    {
        Assert.True(MessageJson.TryRead(new(Encoding.UTF8.GetBytes($$"""{"type":"{{new string('x', 300)}}"}""")), out var head));
        Assert.Equal("", head.Type);
    }

    /// <summary>However a message is cut, it is read the same, or refused the same.</summary>
    [Theory]
    [InlineData("""{"type":"interactive_stream_start","prompt":"é \" }{","input_image_base64":"AAAA"}""", true)]
    [InlineData("""{"type":"interactive_stream_start","prompt":"}"}}""", false)]
    public void A_message_is_read_the_same_wherever_it_is_cut_into_parts(string text, bool good)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var incoming = () => Incoming(bytes[..cut], bytes[cut..]);
            if (good)
                Assert.Equal("interactive_stream_start", incoming());
            else
                Assert.ThrowsAny<Exception>(incoming);
        }

        static string? Incoming(byte[] first, byte[] second) => Api.Signaling.Sockets.Incoming.Read([first, second], null).Head.Type;
    }

    [Theory]
    [InlineData("""{"type":"interactive_stream_start","input_image_base64":"AAA""", "interactive_stream_start")]
    [InlineData("""{"prompt":"x","portrait":true,"more":{"a":[1]},"type":"answer","x":"AAA""", "answer")]
    [InlineData("""{"input_image_base64":"AAA""", null)]
    [InlineData("""{"type":5,"x":"AAA""", null)]
    [InlineData("""{"type":"inter""", null)]
    [InlineData("""{"more":{"type":"interactive_stream_start","x":"AAA""", null)]
    [InlineData("""hello""", null)]
    public void The_type_is_known_from_the_start_or_not_at_all(string start, string? type) =>
        Assert.Equal(type, MessageJson.TypeAtStart(Encoding.UTF8.GetBytes(start)));
}
