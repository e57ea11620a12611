// Datagrams.java ADDRESS PORT: a question and its answer by a DatagramChannel, unconnected and then connected.
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;

class Datagrams {
    public static void main(String[] args) throws Exception {
        InetSocketAddress to = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
        ByteBuffer answer = ByteBuffer.allocate(100);
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.send(ByteBuffer.wrap("first".getBytes()), to);
            channel.receive(answer);
            channel.connect(to);
            channel.write(ByteBuffer.wrap("by java".getBytes()));
            answer.clear();
            channel.read(answer);
            System.out.println(new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8));
        }
    }
}
