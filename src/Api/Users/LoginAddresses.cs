using System.Net;
using Microsoft.Extensions.Options;
using SessionManager.Users;

namespace SessionManager.Api.Users;

/// <summary>
/// Failed logins by where they came from, in this process: someone who tries many names meets no one user's throttle.
/// A success takes nothing back, or a guesser would log in as themselves in between.
/// </summary>
public sealed class LoginAddresses(IOptions<LoginOptions> options, TimeProvider time)
{
    const int MaxAddresses = 10_000;
    readonly LoginOptions _limits = options.Value;
    readonly Dictionary<IPAddress, LoginThrottle> _failures = [];
    readonly Lock _gate = new();

    /// <returns>Seconds until the next try; null: now.</returns>
    public int? Wait(IPAddress? address)
    {
        lock (_gate)
            return _failures.GetValueOrDefault(Site(address)).Wait(time.GetUtcNow(), _limits.AddressFailures, _limits);
    }

    public void Failed(IPAddress? address)
    {
        var now = time.GetUtcNow();
        var site = Site(address);
        lock (_gate)
        {
            if (_failures.Count >= MaxAddresses && !_failures.ContainsKey(site))
                MakeRoom(now);
            _failures[site] = _failures.GetValueOrDefault(site).Failed(now, _limits);
        }
    }

    /// <summary>Those that are forgotten go; if none is, the least guilty: those that would have to wait stay longest.</summary>
    void MakeRoom(DateTimeOffset now)
    {
        foreach (var (site, throttle) in _failures.Where(failure => failure.Value.IsForgotten(now, _limits)).ToArray())
            _failures.Remove(site);
        if (_failures.Count < MaxAddresses)
            return;
        foreach (var (site, _) in _failures.OrderBy(failure => failure.Value.Failures).Take(MaxAddresses / 10).ToArray())
            _failures.Remove(site);
    }

    /// <summary>One subscriber has one IPv4 address, or a whole /64 of IPv6.</summary>
    static IPAddress Site(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length) || length == 4)
            return address;
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
