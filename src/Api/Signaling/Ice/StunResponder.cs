using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using SessionManager.Hosting;

namespace SessionManager.Api.Signaling.Ice;

/// <summary>
/// Answers binding requests, so that clients learn their own address from this server and ask no stranger. It listens once HTTP
/// does, whose address it takes by default.
/// </summary>
sealed partial class StunResponder(IOptions<StunOptions> options, IServer server, TimeProvider time, ILogger<StunResponder> logger)
    : IHostedLifecycleService, IDisposable
{
    const int MaxDatagram = 1_500;

    /// <summary>Addresses counted at a time; more in one second are a flood.</summary>
    const int MaxAddresses = 50_000;

    static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _stopping = new();
    readonly Dictionary<IPAddress, int> _counted = [];
    long _countedSince;
    Socket? _socket;
    Task _answering = Task.CompletedTask;

    /// <summary>Where it listens; null: it doesn't.</summary>
    public IPEndPoint? EndPoint => (IPEndPoint?)_socket?.LocalEndPoint;

    /// <summary>What a client is told that has asked this host; null: there is none.</summary>
    public string? Url(string host) =>
        options.Value.PublicUrl ?? (EndPoint is { } listening ? $"stun:{host}:{listening.Port}" : null);

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
            return Task.CompletedTask;
        _socket = Listen();
        _answering = AnswerAll(_socket);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _answering;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _socket?.Dispose();
        _stopping.Dispose();
    }

    Socket Listen()
    {
        var http = BindingAddress.Parse(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var address = IPAddress.TryParse(options.Value.Address ?? http.Host, out var given) ? given
            : string.Equals(http.Host, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        try
        {
            return Bind(new(address, options.Value.Port ?? http.Port));
        }
        catch (SocketException) when (options.Value.Port is null)
        {
            return Bind(new(address, 0));
        }
        catch (SocketException exception)
        {
            throw new StartupException([$"Stun__Port {options.Value.Port} (UDP) cannot be listened on: {exception.Message}"]);
        }
    }

    static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    async Task AnswerAll(Socket listening)
    {
        var request = GC.AllocateArray<byte>(MaxDatagram, pinned: true);
        var answer = GC.AllocateArray<byte>(StunMessage.MaxAnswer, pinned: true);
        var anyone = new IPEndPoint(listening.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                var received = await listening.ReceiveFromAsync(request, SocketFlags.None, anyone, _stopping.Token);
                var from = (IPEndPoint)received.RemoteEndPoint;
                var length = StunMessage.Answer(request.AsSpan(0, received.ReceivedBytes), from, answer);
                if (length > 0 && IsWithinRate(from.Address))
                    await listening.SendToAsync(answer.AsMemory(0, length), SocketFlags.None, from, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Somebody's port is closed, or the network is away: the next one may be reachable.
                LogFailed(exception.SocketErrorCode);
            }
        }
    }

    bool IsWithinRate(IPAddress address)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_countedSince, now) >= Window)
        {
            _counted.Clear();
            _countedSince = now;
        }

        var before = _counted.GetValueOrDefault(address);
        if (before >= options.Value.RequestsPerSecond || before == 0 && _counted.Count >= MaxAddresses)
            return false;
        _counted[address] = before + 1;
        return true;
    }

    [LoggerMessage(1110, LogLevel.Debug, "A STUN request could not be answered: {Error}")]
    partial void LogFailed(SocketError error);
}
