using SessionManager.Client;
using SessionManager.Console.Browsing;

namespace SessionManager.Console.SignIn;

/// <summary>Who is signed in. The token is in memory and in this tab's own storage, and in no cookie.</summary>
public sealed class Login(IBrowser browser)
{
    const string TokenName = "token";

    /// <summary>Somebody came, went, or came again.</summary>
    public event Action? Changed;

    public string? Token { get; private set; } = browser.Kept(TokenName);

    public User? Me { get; private set; }

    /// <summary>The server takes the token no more; what is on the page stays until somebody signs in again.</summary>
    public bool Ended { get; private set; }

    public bool IsAdmin => Me?.IsAdmin == true;

    public void Take(string token)
    {
        Token = token;
        browser.Keep(TokenName, token);
    }

    public void Began(User me)
    {
        Me = me;
        Ended = false;
        Changed?.Invoke();
    }

    /// <summary>What the server says of the user now.</summary>
    public void Refreshed(User me)
    {
        Me = me;
        Changed?.Invoke();
    }

    /// <summary>The server refused the token.</summary>
    /// <param name="token">Which one: an answer to a request sent with the one before says nothing of this one.</param>
    public void Refused(string? token)
    {
        if (Token is null || token != Token)
            return;
        Forget();
        Ended = Me is not null;
        Changed?.Invoke();
    }

    public void SignOut()
    {
        Forget();
        Me = null;
        Ended = false;
        Changed?.Invoke();
    }

    void Forget()
    {
        Token = null;
        browser.Keep(TokenName, null);
    }
}
