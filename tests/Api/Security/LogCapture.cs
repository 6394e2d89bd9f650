using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SessionManager.Tests.Security;

/// <summary>Everything that is logged, whatever its level, as text.</summary>
sealed class LogCapture : ILoggerProvider
{
    readonly ConcurrentQueue<string> _lines = new();

    public IEnumerable<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            capture._lines.Enqueue($"{category} scope {Members(state)}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            capture._lines.Enqueue($"{category} {eventId} {formatter(state, exception)} {Members(state)} {exception}");

        /// <summary>Structured logs carry values that their message may not show.</summary>
        static string Members(object? state) => state is IEnumerable<KeyValuePair<string, object?>> members
            ? string.Join(' ', members.Select(member => $"{member.Key}={member.Value}"))
            : $"{state}";
    }
}
