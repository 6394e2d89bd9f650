using System.Net;
using SessionManager.Console.SignIn;

namespace SessionManager.Console.Browsing;

/// <summary>Looks at every answer for what the whole console wants to know: the server's time, that it is there, that the login has ended.</summary>
sealed class Watch(Login login, ServerClock clock, ServerConnection connection) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = request.Headers.Authorization?.Parameter;
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException)
        {
            connection.Failed();
            throw;
        }

        if (response.Headers.Date is { } date)
            clock.Heard(date);
        connection.Answered(clock.Now);
        // A route may answer 401 for another reason (a wrong old password); only who refuses the credential asks for one.
        if (response.StatusCode == HttpStatusCode.Unauthorized && response.Headers.WwwAuthenticate.Count > 0)
            login.Refused(token);
        return response;
    }
}
