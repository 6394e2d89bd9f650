using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.Client;

namespace SessionManager.Tests.Client;

public class RegistrationTests
{
    [Fact]
    public async Task A_client_is_injected_with_its_options_and_the_handlers_added_to_it()
    {
        var heard = new List<(string, string)>();
        await using var server = await StandInServer.Start(http =>
        {
            heard.Add((http.Request.Headers.Authorization!, http.Request.Headers["X-Added"]!));
            return StandInServer.Refuse(http, 404, "session_not_found");
        });
        var services = new ServiceCollection();
        services.AddSingleton(new Secret("k1"));
        services
            .AddSessionManagerClient((options, provider) =>
            {
                options.Address = server.Address;
                options.CredentialProvider = _ => ValueTask.FromResult<string?>(provider.GetRequiredService<Secret>().Text);
            })
            .ConfigureHttpClient(http => http.DefaultRequestHeaders.Add("X-Added", "yes"));
        await using var provider = services.BuildServiceProvider();

        await Assert.ThrowsAsync<SessionManagerApiException>(
            () => provider.GetRequiredService<SessionManagerClient>().Sessions.GetAsync("ses_1"));
        Assert.Equal([("Bearer k1", "yes")], heard);
    }

    [Fact]
    public void A_client_without_an_address_says_so()
    {
        var services = new ServiceCollection();
        services.AddSessionManagerClient(options => options.Credential = "k");
        using var provider = services.BuildServiceProvider();
        var missing = Assert.Throws<ArgumentException>(() => provider.GetRequiredService<SessionManagerClient>());
        Assert.StartsWith("The server's address must be", missing.Message, StringComparison.Ordinal);
    }

    sealed record Secret(string Text);
}
