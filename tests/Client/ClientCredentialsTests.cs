using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using SessionManager.Client;

namespace SessionManager.Tests.Client;

public class ClientCredentialsTests
{
    static readonly string Token = $"h.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes("""{"sub":"usr_1","session_id":"ses_true"}"""))}.s";

    [Fact]
    public void Credentials_have_the_JSON_that_every_client_library_reads()
    {
        var credentials = new ClientCredentials("ses_true", "wss://host/signaling", Token, 600, new Capabilities(ImageToVideo: true));
        var expected =
            $$$"""{"session_id":"ses_true","signaling_url":"wss://host/signaling","session_token":"{{{Token}}}","expires_in":600,"capabilities":{"image_to_video":true}}""";
        Assert.Equal(expected, credentials.ToJson());
        Assert.Equal(credentials, ClientCredentials.FromJson(expected));
        // Also where a web framework serializes them by its own rules.
        Assert.Equal(expected, JsonSerializer.Serialize(credentials, JsonSerializerOptions.Web));
        Assert.DoesNotContain("capabilities", (credentials with { Capabilities = null }).ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_session_is_what_the_token_says_whatever_the_JSON_says()
    {
        var tampered = $$"""{"session_id":"ses_other","signaling_url":"ws://s","session_token":"{{Token}}","expires_in":600,"new":1}""";
        Assert.Equal("ses_true", ClientCredentials.FromJson(tampered).SessionId);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("no")]
    [InlineData("""{"signaling_url":"ws://s","expires_in":600}""")]
    [InlineData("""{"signaling_url":"ws://s","session_token":"odn_key","expires_in":600}""")]
    [InlineData("""{"signaling_url":"ws://s","session_token":"a.%%%.c","expires_in":600}""")]
    [InlineData("""{"signaling_url":"ws://s","session_token":"a.e30.c","expires_in":600}""")]
    public void JSON_that_is_no_credentials_is_refused(string json) => Assert.Throws<JsonException>(() => ClientCredentials.FromJson(json));

    [Fact]
    public void The_token_of_credentials_is_in_no_log() =>
        Assert.DoesNotContain(Token, $"{new ClientCredentials("ses_true", "ws://s", Token, 600)}", StringComparison.Ordinal);
}
