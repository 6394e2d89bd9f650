using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionManager.Client;

/// <summary>Sends requests, again where that is safe and helps, and turns everything that goes wrong into typed exceptions.</summary>
sealed class Connection
{
    static readonly ProductInfoHeaderValue Product = new(
        "SessionManager.Client", typeof(Connection).Assembly.GetName().Version?.ToString(3));

    readonly HttpClient _http;
    readonly Func<CancellationToken, ValueTask<string?>> _credential;
    readonly Retries _retries;

    public Connection(HttpClient http, SessionManagerClientOptions options)
    {
        _http = http;
        var address = options.Address ?? http.BaseAddress;
        if (address is null || !address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new ArgumentException("The server's address must be an absolute http or https one.", nameof(options));
        Address = address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
        var constant = options.Credential;
        _credential = options.CredentialProvider ?? (_ => ValueTask.FromResult(constant));
        _retries = new Retries(options);
        Time = options.TimeProvider;
    }

    /// <summary>With a slash at its end.</summary>
    public Uri Address { get; }

    public TimeProvider Time { get; }

    public ValueTask<string?> CredentialAsync(CancellationToken cancellationToken) => _credential(cancellationToken);

    /// <summary>For an answer with a body.</summary>
    public async Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var response = await TrySendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
                return await ReadAsync(response, answer, cancellationToken).ConfigureAwait(false);
            }
            catch (SessionManagerException problem) when (_retries.Delay(request, problem, attempt) is { } delay)
            {
                await Task.Delay(delay, Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>For an answer without a body, or one that nobody reads.</summary>
    public async Task SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        (await OpenAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    /// <summary>For an answer that is read while it comes. The caller disposes it.</summary>
    public Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellationToken) =>
        OpenAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    async Task<HttpResponseMessage> OpenAsync(ApiRequest request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TrySendAsync(request, completion, cancellationToken).ConfigureAwait(false);
            }
            catch (SessionManagerException problem) when (_retries.Delay(request, problem, attempt) is { } delay)
            {
                await Task.Delay(delay, Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The answer to one try; refusals are thrown.</summary>
    async Task<HttpResponseMessage> TrySendAsync(ApiRequest request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(Address, request.Path)) { Content = request.Content?.Invoke() };
        foreach (var (name, value) in request.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        // A browser names itself and lets nobody else.
        if (!OperatingSystem.IsBrowser())
            message.Headers.UserAgent.Add(Product);
        if (!request.IsAnonymous && await _credential(cancellationToken).ConfigureAwait(false) is { } secret)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        try
        {
            var response = await _http.SendAsync(message, completion, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw Refusals.Of(response, await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false), Time);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            throw new SessionManagerConnectionException($"{Address} cannot be reached: {problem.Message}", problem);
        }
        catch (OperationCanceledException problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SessionManagerConnectionException($"{Address} did not answer in time.", problem);
        }
    }

    async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("null");
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException or FormatException)
        {
            throw new SessionManagerConnectionException($"{Address} did not answer as a Session Manager does: is it the right address?", problem);
        }
    }

    static async Task<ProblemBody?> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(ClientJson.Default.ProblemBody, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException or InvalidOperationException)
        {
            // Something between here and the server answered.
            return null;
        }
    }
}
