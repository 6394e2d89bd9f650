using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionManager.Client;

/// <summary>Sends requests with one credential and turns refusals into exceptions.</summary>
sealed class Connection(HttpClient http, AuthenticationHeaderValue credential)
{
    /// <summary>How often a request is sent in all where no answer comes back.</summary>
    const int Attempts = 3;
    const string InFlight = "idempotency_in_flight";

    public static HttpRequestMessage Post<T>(string path, T body, JsonTypeInfo<T> type) => With(HttpMethod.Post, path, body, type);

    public static HttpRequestMessage With<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type) =>
        new(method, path) { Content = JsonContent.Create(body, type) };

    public async Task<T> Send<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using (request)
        {
            request.Headers.Authorization = credential;
            // The whole answer, so that one cut short is a request that failed like any other.
            using var response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw new SessionManagerException(response.StatusCode, await Read(response, cancellation).ConfigureAwait(false), RetryAfter(response));
            return await response.Content.ReadFromJsonAsync(type, cancellation).ConfigureAwait(false)
                ?? throw new HttpRequestException("The server answered null.");
        }
    }

    /// <summary>For what the server takes for one however often it comes.</summary>
    public async Task<T> SendRepeatably<T>(Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Send(request(), type, cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                // No answer: the server may have done it or not, and asking again finds out.
            }
            catch (SessionManagerException refusal) when (attempt is > 1 and < Attempts && refusal.Code == InFlight)
            {
                // It is still doing what the lost request asked for.
                await Task.Delay(refusal.RetryAfter ?? TimeSpan.FromSeconds(1), TimeProvider.System, cancellation).ConfigureAwait(false);
            }
        }
    }

    static async Task<Problem?> Read(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(ClientJson.Default.Problem, cancellation).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // Something between here and the server answered.
            return null;
        }
    }

    static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta;
}
